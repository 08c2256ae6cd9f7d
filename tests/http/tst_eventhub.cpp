// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/eventhub.h"
#include "server/runtime/reactor.h"
#include "shared/protocol/sse.h"

#include <QTest>

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::http;
using namespace godwit::protocol;

namespace {

/// What a connection does, without one: reads at the end of the turn in which it was woken.
class Reader
{
public:
    explicit Reader(EventHub &hub) : m_stream(std::make_shared<EventStream>())
    {
        m_stream->setWaker([this] { ++m_wakes; });
        hub.subscribe(m_stream);
    }

    QByteArrayList take()
    {
        QByteArray bytes;
        while (m_stream && (m_state = m_stream->read(bytes, 64 * 1024)) == Body::State::More) { }
        for (const SseEvent &event : m_parser.feed(bytes))
            m_events << (event.event.isEmpty() ? event.data : event.event + ' ' + event.data);
        return m_events;
    }
    Body::State state() const { return m_state; }
    int wakes() const { return m_wakes; }
    EventStream &stream() { return *m_stream; }

private:
    std::shared_ptr<EventStream> m_stream;
    SseParser m_parser;
    QByteArrayList m_events;
    Body::State m_state = Body::State::Wait;
    int m_wakes = 0;
};

QByteArray encoded(const QByteArray &data)
{
    return encodeSse({ .data = data });
}

} // namespace

class tst_EventHub : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void eachSubscriberGetsEachEvent();
    void nothingFromBeforeTheSubscription();
    void whoLeavesGetsNothingMore();
    void finishClosesAll();
    void streamsOutliveTheHub();
    void theBytesAreShared();
    void manyThreads();
};

void tst_EventHub::eachSubscriberGetsEachEvent()
{
    EventHub hub;
    hub.publish(encoded("to nobody"));
    Reader a(hub), b(hub);
    QCOMPARE(hub.subscriberCount(), 2);
    hub.publish(encoded("1"));
    hub.publish(encoded("2"));
    QVERIFY(a.take().isEmpty()); // delivered from the event loop
    QTRY_COMPARE(a.take(), QByteArrayList({ "1", "2" }));
    QCOMPARE(b.take(), QByteArrayList({ "1", "2" }));
}

void tst_EventHub::nothingFromBeforeTheSubscription()
{
    EventHub hub;
    Reader early(hub);
    hub.publish(encoded("1"));
    Reader late(hub);
    hub.publish(encoded("2"));
    QTRY_COMPARE(late.take(), QByteArrayList({ "2" }));
    QCOMPARE(early.take(), QByteArrayList({ "1", "2" }));
}

void tst_EventHub::whoLeavesGetsNothingMore()
{
    EventHub hub;
    Reader stays(hub);
    {
        Reader leaves(hub);
        hub.publish(encoded("1")); // on its way when the reader is gone
    }
    QCOMPARE(hub.subscriberCount(), 1);
    QTRY_COMPARE(stays.take(), QByteArrayList({ "1" }));
    {
        EventHub other;
        auto last = std::make_unique<Reader>(other);
        other.publish(encoded("2"));
        last.reset();
        QCOMPARE(other.subscriberCount(), 0);
        other.publish(encoded("3"));
        Reader again(other);
        other.publish(encoded("4"));
        QTRY_COMPARE(again.take(), QByteArrayList({ "4" }));
    }
}

void tst_EventHub::finishClosesAll()
{
    EventHub hub;
    Reader early(hub);
    hub.publish(encoded("1"));
    hub.finish("over");
    hub.publish(encoded("2"));
    hub.finish("twice");
    QTRY_COMPARE(early.take(), QByteArrayList({ "1", "end over" }));
    QCOMPARE(early.state(), Body::State::End);
    Reader late(hub);
    QCOMPARE(late.take(), QByteArrayList({ "end over" })); // at once
    QCOMPARE(late.state(), Body::State::End);
}

void tst_EventHub::streamsOutliveTheHub()
{
    auto hub = std::make_unique<EventHub>();
    Reader reader(*hub);
    hub->publish(encoded("1"));
    hub.reset();
    QTRY_COMPARE(reader.take(), QByteArrayList({ "1" }));
    QVERIFY(!reader.stream().isFinished());
}

void tst_EventHub::theBytesAreShared()
{
    EventHub hub;
    std::vector<std::unique_ptr<Reader>> readers;
    for (int i = 0; i < 100; ++i) {
        readers.push_back(std::make_unique<Reader>(hub));
        readers.back()->take();
    }
    const QByteArray event = encoded(QByteArray(1000, 'x'));
    hub.publish(event);
    hub.publish(event);
    QTRY_COMPARE(readers.back()->stream().queuedBytes(), 2 * event.size());
    QVERIFY(!event.isDetached());
    for (const auto &reader : readers)
        QCOMPARE(reader->wakes(), 2);
}

void tst_EventHub::manyThreads()
{
    constexpr int publishers = 4, eventsEach = 500, readersEach = 5;
    runtime::ReactorGroup reactors({ .workers = 3 });
    EventHub hub;
    std::vector<std::vector<std::unique_ptr<Reader>>> readers(size_t(reactors.size()));
    reactors.callOnAll([&](int index) {
        for (int i = 0; i < readersEach; ++i)
            readers[size_t(index)].push_back(std::make_unique<Reader>(hub));
    });
    QCOMPARE(hub.subscriberCount(), reactors.size() * readersEach);

    std::atomic<bool> stop = false;
    std::vector<std::thread> threads;
    for (int p = 0; p < publishers; ++p) {
        threads.emplace_back([&hub, p] {
            for (int i = 0; i < eventsEach; ++i)
                hub.publish(encoded(QByteArray::number(p) + ' ' + QByteArray::number(i)));
        });
    }
    // Others come and go meanwhile.
    threads.emplace_back([&] {
        while (!stop)
            reactors.callOnAll([&hub](int) { Reader passing(hub); });
    });
    for (int p = 0; p < publishers; ++p)
        threads[size_t(p)].join();
    stop = true;
    threads.back().join();

    QCOMPARE(hub.subscriberCount(), reactors.size() * readersEach);
    const auto smallest = [&] {
        qsizetype least = publishers * eventsEach;
        reactors.callOnAll([&](int index) {
            static std::mutex mutex;
            for (const auto &reader : readers[size_t(index)]) {
                const qsizetype count = reader->take().size();
                const std::lock_guard lock(mutex);
                least = std::min(least, count);
            }
        });
        return least;
    };
    QTRY_COMPARE(smallest(), publishers * eventsEach);
    reactors.callOnAll([&](int index) {
        for (const auto &reader : readers[size_t(index)]) {
            // Each publisher's events in its order.
            std::array<int, publishers> next{};
            for (const QByteArray &event : reader->take()) {
                const QByteArrayList parts = event.split(' ');
                if (parts.at(1).toInt() != next[size_t(parts.at(0).toInt())]++)
                    qFatal("out of order: %s", event.constData());
            }
        }
        readers[size_t(index)].clear();
    });
    QCOMPARE(hub.subscriberCount(), 0);
}

QTEST_GUILESS_MAIN(tst_EventHub)
#include "tst_eventhub.moc"
