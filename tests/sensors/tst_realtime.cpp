// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/migrations.h"
#include "server/http/channelregistry.h"
#include "server/sensors/realtimeendpoints.h"
#include "tests/db/testpool.h"
#include "tests/support/knowncaller.h"
#include "tests/websocket/rawclient.h"
#include "tests/websocket/testserver.h"

#include <QJsonDocument>
#include <QTest>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace godwit;
using namespace godwit::sensors;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using test::RawClient;

namespace {

constexpr char fastest[] = "/ws/realtime?interval=10";

/// Both ends of a client's connection: what the kernel holds of it is to be little.
void makeBuffersSmall(RawClient &client)
{
    const int least = 1;
    const quint16 port = client.socket().localPort();
    QVERIFY(::setsockopt(int(client.socket().socketDescriptor()), SOL_SOCKET, SO_RCVBUF, &least, sizeof least) == 0);
    int found = 0;
    for (int descriptor = 3; descriptor < 1024; ++descriptor) {
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        if (::getpeername(descriptor, reinterpret_cast<sockaddr *>(&peer), &size) != 0 || ntohs(peer.sin_port) != port)
            continue;
        QVERIFY(::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &least, sizeof least) == 0);
        ++found;
    }
    QCOMPARE(found, 1);
}

double temperatureOf(const std::optional<RawClient::Frame> &frame)
{
    return frame ? QJsonDocument::fromJson(frame->payload)["temperature"_L1].toDouble(-1) : -1;
}

} // namespace

class tst_Realtime : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aReaderThatStopsCostsItsQueueAndGetsTheNewest();

private:
    qint64 queuedFor(test::TestServer &server, quint16 port)
    {
        qint64 bytes = -1;
        server.onReactor([&] {
            for (const auto &connection : http::ChannelRegistry::ofThisThread().connections(100)) {
                if (connection.port == port)
                    bytes = connection.queuedBytes;
            }
        });
        return bytes;
    }
};

void tst_Realtime::aReaderThatStopsCostsItsQueueAndGetsTheNewest()
{
    ManualClock clock;
    db::TestPool database;
    db::migrate(database.pool);
    runtime::BlockingPool threads;
    Service service(database.pool, threads, { .iioRoot = {}, .thermalRoot = {}, .simulate = false, .interval = 1h },
                    clock);
    const auto set = [&service](double temperature) {
        QVERIFY(service.history().add({ .series = u"temperature"_s, .value = temperature }));
    };
    set(1);
    http::Router router;
    const websocket::EndpointOptions options = realtimeOptions();
    addRealtimeRoute(router, service, options);
    test::TestServer server(std::move(router), 1, {}, test::KnownCaller::layers());
    RawClient slow(server.port()), fast(server.port()); // that one is the clock of this test
    QVERIFY(slow.open(fastest));
    QVERIFY(fast.open(fastest));
    makeBuffersSmall(slow);
    const quint16 port = slow.socket().localPort();

    // No event loop runs here, so nobody reads what is sent to the slow one.
    qint64 largest = 0;
    constexpr int mostTicks = 3'000;
    int ticks = 0;
    const auto tick = [&] {
        const auto frame = fast.readFrame();
        largest = std::max(largest, queuedFor(server, port));
        return ++ticks < mostTicks ? temperatureOf(frame) : -1.0;
    };
    while (largest <= options.queueBytes)
        QCOMPARE(tick(), 1.0);
    constexpr int missed = 100;
    for (int i = 0; i < missed; ++i)
        QCOMPARE(tick(), 1.0);
    set(2);
    double now = 1;
    while (now == 1)
        now = tick();
    QCOMPARE(now, 2.0);
    constexpr qint64 longestFrame = 256;
    QVERIFY2(largest <= options.queueBytes + longestFrame, qPrintable(QString::number(largest)));

    int received = 0;
    for (now = 1; now == 1; ++received)
        now = temperatureOf(slow.readFrame());
    QCOMPARE(now, 2.0);
    QVERIFY2(received <= ticks - missed + 10, qPrintable(u"%1 of %2"_s.arg(received).arg(ticks)));
    QCOMPARE(temperatureOf(slow.readFrame()), 2.0); // and it goes on
}

QTEST_GUILESS_MAIN(tst_Realtime)
#include "tst_realtime.moc"
