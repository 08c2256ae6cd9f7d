// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/eventsource.h"
#include "tests/support/fakeserver.h"

#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using client::ConnectionOptions;
using client::ConnectionState;
using client::EventSource;
using protocol::SseEvent;
using test::FakeReply;
using test::FakeRequest;
using test::FakeServer;
using Phase = ConnectionState::Phase;
using std::chrono::milliseconds;

class tst_EventSource : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void receivesEvents();
    void comesBackWithTheLastId();
    void dropsHalfAnEvent();
    void waitsAsTheBackoffSays();
    void resetsTheBackoffOnlyAfterAStableConnection();
    void honoursTheRetryHint();
    void comesBackWhenItIsTold();
    void endEndsForGood();
    void noContentEndsForGood();
    void finalRefusalsWaitLongest_data();
    void finalRefusalsWaitLongest();
    void honoursRetryAfter();
    void refusesOtherTypes();
    void silenceIsTakenForDeath();
    void heartbeatsKeepItAlive();
    void slowHeadIsGivenUp();
    void retryNowEndsTheWait();
    void stopIsQuiet();
    void mayBeDeletedByAReceiver();

private:
    /// A stream at /s; each reply that it opened is kept in m_streams.
    void serveStream();
    std::unique_ptr<EventSource> source(ConnectionOptions options);
    ConnectionOptions quick() const;

    std::unique_ptr<FakeServer> m_server;
    QList<FakeReply> m_streams;
    struct Wait
    {
        ConnectionState state;
        milliseconds delay;
    };
    QList<Wait> m_waits; // each time that it began to wait
    ManualClock m_clock;
};

void tst_EventSource::init()
{
    m_streams.clear();
    m_waits.clear();
    m_server = std::make_unique<FakeServer>();
    serveStream();
}

void tst_EventSource::serveStream()
{
    m_server->on("GET /s"_ba, [this](const FakeRequest &, const FakeReply &reply) {
        reply.beginStream();
        m_streams.append(reply);
    });
}

ConnectionOptions tst_EventSource::quick() const
{
    ConnectionOptions options;
    options.backoff = { .first = 20ms, .maximum = 400ms, .minimum = 10ms, .random = [] { return 1.0; } };
    options.clock = &m_clock;
    return options;
}

std::unique_ptr<EventSource> tst_EventSource::source(ConnectionOptions options)
{
    QUrl url = m_server->url();
    url.setPath(u"/s"_s);
    auto made = std::make_unique<EventSource>(QNetworkRequest(url), std::move(options));
    connect(made.get(), &EventSource::stateChanged, this, [this](const ConnectionState &state) {
        if (state.phase == Phase::Waiting)
            m_waits.append({ state, std::chrono::duration_cast<milliseconds>(state.until - m_clock.now()) });
    });
    return made;
}

static QByteArrayList dataOf(const QSignalSpy &spy)
{
    QByteArrayList all;
    for (const auto &arguments : spy)
        all.append(arguments.first().value<SseEvent>().data);
    return all;
}

static SseEvent plain(const QByteArray &data, const QByteArray &id = {})
{
    return { .event = {}, .data = data, .id = id, .retry = {} };
}

void tst_EventSource::receivesEvents()
{
    const auto stream = source(quick());
    QSignalSpy received(stream.get(), &EventSource::received);
    stream->start();
    QCOMPARE(stream->state().phase, Phase::Connecting);
    QTRY_VERIFY(stream->isOnline());
    m_streams.first().send(plain("one"_ba));
    m_streams.first().send("event: metrics\ndata: t"_ba);
    QTRY_COMPARE(received.count(), 1);
    m_streams.first().send("wo\n\n"_ba);
    QTRY_COMPARE(received.count(), 2);
    QCOMPARE(dataOf(received), (QByteArrayList{ "one"_ba, "two"_ba }));
    QCOMPARE(received.last().first().value<SseEvent>().event, "metrics"_ba);
    QCOMPARE(m_server->requests().first().headers.value("accept"_ba), "text/event-stream"_ba);
    QVERIFY(!m_server->requests().first().headers.contains("last-event-id"_ba));
}

void tst_EventSource::comesBackWithTheLastId()
{
    const auto stream = source(quick());
    QSignalSpy received(stream.get(), &EventSource::received);
    stream->start();
    QTRY_COMPARE(m_streams.size(), 1);
    m_streams.first().send(plain("one"_ba, "e:7"_ba));
    m_streams.first().send(plain("two"_ba)); // without an id: the last one stays
    QTRY_COMPARE(received.count(), 2);
    m_streams.first().cut();
    QTRY_COMPARE(m_streams.size(), 2);
    QCOMPARE(m_server->requests().last().headers.value("last-event-id"_ba), "e:7"_ba);
    QTRY_VERIFY(stream->isOnline());
}

void tst_EventSource::dropsHalfAnEvent()
{
    const auto stream = source(quick());
    QSignalSpy received(stream.get(), &EventSource::received);
    stream->start();
    QTRY_COMPARE(m_streams.size(), 1);
    m_streams.first().send("id: 1\ndata: whole\n\nid: 2\ndata: ha"_ba);
    QTRY_COMPARE(received.count(), 1);
    m_streams.first().cut();
    QTRY_COMPARE(m_streams.size(), 2);
    QCOMPARE(m_server->requests().last().headers.value("last-event-id"_ba), "1"_ba);
    m_streams.last().send("id: 2\ndata: again\n\n"_ba);
    QTRY_COMPARE(received.count(), 2);
    QCOMPARE(dataOf(received), (QByteArrayList{ "whole"_ba, "again"_ba }));
}

void tst_EventSource::waitsAsTheBackoffSays()
{
    m_server->stop();
    const auto stream = source(quick());
    stream->start();
    QTRY_VERIFY(m_waits.size() >= 5);
    QList<milliseconds> delays;
    for (const Wait &wait : m_waits.first(5))
        delays.append(wait.delay);
    QCOMPARE(delays, (QList<milliseconds>{ 20ms, 40ms, 80ms, 160ms, 320ms }));
    QCOMPARE(m_waits[4].state.failures, 5);
    QCOMPARE(m_waits[4].state.reason, u"Nothing answers at %1"_s.arg(m_server->url().authority()));
    m_server->resume();
    QTRY_VERIFY(stream->isOnline());
}

void tst_EventSource::resetsTheBackoffOnlyAfterAStableConnection()
{
    const auto stream = source(quick());
    stream->start();
    for (int cuts = 1; cuts <= 2; ++cuts) { // accepts and drops: must not become a busy loop
        QTRY_COMPARE(m_streams.size(), cuts);
        QTRY_VERIFY(stream->isOnline());
        m_streams.last().cut();
        QTRY_COMPARE(m_waits.size(), cuts);
        QCOMPARE(m_waits.last().state.failures, cuts);
    }
    QTRY_COMPARE(m_streams.size(), 3);
    QTRY_VERIFY(stream->isOnline());
    m_clock.advance(6s);
    m_streams.last().cut();
    QTRY_COMPARE(m_waits.size(), 3);
    QCOMPARE(m_waits.last().state.failures, 1);
    QCOMPARE(m_waits.last().delay, 20ms);
}

void tst_EventSource::honoursTheRetryHint()
{
    const auto stream = source(quick());
    QSignalSpy received(stream.get(), &EventSource::received);
    stream->start();
    QTRY_COMPARE(m_streams.size(), 1);
    m_streams.first().send("retry: 150\ndata: x\n\n"_ba);
    QTRY_COMPARE(received.count(), 1);
    m_streams.first().cut();
    QTRY_COMPARE(m_waits.size(), 1);
    QCOMPARE(m_waits.first().delay, 150ms);
}

void tst_EventSource::comesBackWhenItIsTold()
{
    ConnectionOptions options = quick();
    options.backoff.random = [] { return 0.0; };
    const auto stream = source(options);
    QSignalSpy received(stream.get(), &EventSource::received);
    stream->start();
    QTRY_COMPARE(m_streams.size(), 1);
    m_streams.first().send("retry: 3000\n\nid: 7\ndata: x\n\n"_ba);
    QTRY_COMPARE(received.count(), 1);
    m_streams.first().send("retry: 130\n\n"_ba); // without an event, as a server that restarts says it
    m_streams.first().finish();
    QTRY_COMPARE(m_waits.size(), 1);
    QCOMPARE(m_waits.first().delay, 130ms);
    QTRY_COMPARE(m_streams.size(), 2);
    QCOMPARE(m_server->requests().last().headers.value("last-event-id"_ba), "7"_ba);
    QTRY_VERIFY(stream->isOnline());
    m_streams.last().send("retry: 130\n\ndata: x\n\n"_ba);
    QTRY_COMPARE(received.count(), 2);
    m_streams.last().cut(); // nobody has told when: our own backoff
    QTRY_COMPARE(m_waits.size(), 2);
    QCOMPARE(m_waits.last().delay, 10ms);
}

void tst_EventSource::endEndsForGood()
{
    const auto stream = source(quick());
    QSignalSpy received(stream.get(), &EventSource::received);
    stream->start();
    QTRY_COMPARE(m_streams.size(), 1);
    m_streams.first().send("data: last\n\nevent: end\ndata: x\n\ndata: beyond\n\n"_ba);
    QTRY_COMPARE(stream->state().phase, Phase::Ended);
    QCOMPARE(dataOf(received), QByteArrayList{ "last"_ba });
    m_server->cutAll();
    QSignalSpy state(stream.get(), &EventSource::stateChanged);
    QVERIFY(!state.wait(100));
    QCOMPARE(m_streams.size(), 1);
    stream->start(); // the user may ask again
    QTRY_VERIFY(stream->isOnline());
}

void tst_EventSource::noContentEndsForGood()
{
    m_server->on("GET /s"_ba, [](const FakeRequest &, const FakeReply &reply) { reply.answer(204, {}); });
    const auto stream = source(quick());
    stream->start();
    QTRY_COMPARE(stream->state().phase, Phase::Ended);
}

void tst_EventSource::finalRefusalsWaitLongest_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<std::chrono::milliseconds>("delay");
    QTest::newRow("401") << 401 << 400ms;
    QTest::newRow("404") << 404 << 400ms;
    QTest::newRow("408 passes") << 408 << 20ms;
    QTest::newRow("429 passes") << 429 << 20ms;
    QTest::newRow("500 passes") << 500 << 20ms;
    QTest::newRow("503 passes") << 503 << 20ms;
}

void tst_EventSource::finalRefusalsWaitLongest()
{
    QFETCH(int, status);
    QFETCH(std::chrono::milliseconds, delay);
    m_server->on("GET /s"_ba,
                 [status](const FakeRequest &, const FakeReply &reply) { reply.problem(status, u"not for you"_s); });
    const auto stream = source(quick());
    stream->start();
    QTRY_VERIFY(!m_waits.isEmpty());
    QCOMPARE(m_waits.first().delay, delay);
    QCOMPARE(m_waits.first().state.reason, u"not for you"_s);
    serveStream();
    QTRY_VERIFY(stream->isOnline());
}

void tst_EventSource::honoursRetryAfter()
{
    m_server->on("GET /s"_ba, [](const FakeRequest &, const FakeReply &reply) {
        reply.problem(503, u"draining"_s, "Retry-After: 7\r\n"_ba);
    });
    const auto stream = source(quick());
    stream->start();
    QTRY_VERIFY(!m_waits.isEmpty());
    QCOMPARE(m_waits.first().delay, 7s);
}

void tst_EventSource::refusesOtherTypes()
{
    m_server->on("GET /s"_ba, [](const FakeRequest &, const FakeReply &reply) { reply.answer(200, "{}"_ba); });
    const auto stream = source(quick());
    QSignalSpy received(stream.get(), &EventSource::received);
    stream->start();
    QTRY_COMPARE(stream->state().phase, Phase::Waiting);
    QVERIFY(stream->state().reason.contains(u"does not send events"_s));
    QCOMPARE(received.count(), 0);
}

void tst_EventSource::silenceIsTakenForDeath()
{
    ConnectionOptions options = quick();
    options.silence = 60ms;
    const auto stream = source(options);
    stream->start();
    QTRY_VERIFY(stream->isOnline());
    QTRY_VERIFY(!m_waits.isEmpty());
    QCOMPARE(m_waits.first().state.reason, u"The server has gone silent"_s);
    QTRY_VERIFY(!m_streams.first().isOpen());
    QTRY_VERIFY(m_streams.size() >= 2);
}

void tst_EventSource::heartbeatsKeepItAlive()
{
    ConnectionOptions options = quick();
    options.silence = 400ms;
    const auto stream = source(options);
    stream->start();
    QTRY_VERIFY(stream->isOnline());
    QTimer heartbeat;
    int sent = 0;
    heartbeat.callOnTimeout(this, [&] {
        ++sent;
        m_streams.first().send(": heartbeat\n\n"_ba);
    });
    heartbeat.start(40ms);
    QTRY_VERIFY(sent >= 20); // twice the silence
    QVERIFY(stream->isOnline());
    QCOMPARE(m_streams.size(), 1);
}

void tst_EventSource::slowHeadIsGivenUp()
{
    m_server->on("GET /s"_ba,
                 [](const FakeRequest &, const FakeReply &reply) { reply.send("HTTP/1.1 200 OK\r\nConte"_ba); });
    ConnectionOptions options = quick();
    options.connectTimeout = 60ms;
    const auto stream = source(options);
    stream->start();
    QTRY_VERIFY(!m_waits.isEmpty());
    QCOMPARE(m_waits.first().state.reason, u"No answer from the server"_s);
}

void tst_EventSource::retryNowEndsTheWait()
{
    m_server->stop();
    ConnectionOptions options = quick();
    options.backoff.first = options.backoff.maximum = 1h;
    const auto stream = source(options);
    stream->retryNow(); // nothing waits: nothing happens
    QCOMPARE(stream->state().phase, Phase::Offline);
    stream->start();
    QTRY_COMPARE(stream->state().phase, Phase::Waiting);
    m_server->resume();
    stream->retryNow();
    QTRY_VERIFY(stream->isOnline());
}

void tst_EventSource::stopIsQuiet()
{
    const auto stream = source(quick());
    stream->start();
    QTRY_VERIFY(stream->isOnline());
    stream->stop();
    QCOMPARE(stream->state().phase, Phase::Offline);
    QTRY_VERIFY(!m_streams.first().isOpen());
    QSignalSpy state(stream.get(), &EventSource::stateChanged);
    QVERIFY(!state.wait(100));
    QCOMPARE(m_server->requests().size(), 1);
}

void tst_EventSource::mayBeDeletedByAReceiver()
{
    auto stream = source(quick());
    connect(stream.get(), &EventSource::received, this, [&] { stream.reset(); });
    stream->start();
    QTRY_COMPARE(m_streams.size(), 1);
    m_streams.first().send("data: 1\n\ndata: 2\n\n"_ba);
    QTRY_VERIFY(!stream);
    QTRY_VERIFY(!m_streams.first().isOpen());
}

QTEST_GUILESS_MAIN(tst_EventSource)
#include "tst_eventsource.moc"
