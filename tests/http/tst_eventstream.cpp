// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/eventstream.h"
#include "server/http/heartbeat.h"
#include "server/http/response.h"
#include "shared/protocol/comeback.h"
#include "shared/protocol/sse.h"
#include "tests/support/testanswerer.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit::http;
using namespace godwit::protocol;

namespace {

QByteArray numbered(int number, qsizetype size = 1)
{
    return encodeSse({ .data = QByteArray::number(number).rightJustified(size, '0') });
}

/// The data of all events that a client gets now, names in front of those that have one.
QByteArrayList received(EventStream &stream, Body::State *state = nullptr)
{
    QByteArray bytes;
    Body::State last = Body::State::More;
    while (last == Body::State::More)
        last = stream.read(bytes, 1024);
    if (state)
        *state = last;
    QByteArrayList list;
    for (const SseEvent &event : SseParser().feed(bytes))
        list << (event.event.isEmpty() ? event.data : event.event + ' ' + event.data);
    return list;
}

/// 100 bytes each: 8 of frame.
QByteArray hundred(int number)
{
    return numbered(number, 100 - 8);
}

QList<int> numbers(const QByteArrayList &events)
{
    QList<int> list;
    for (const QByteArray &data : events)
        list << data.toInt();
    return list;
}

} // namespace

class tst_EventStream : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void beginsWithTheRetryHint();
    void eventsComeInOrder();
    void wakesOnlyWhenThereIsSomething();
    void readsNoMoreThanItsBudget();
    void endsAfterWhatIsQueued();
    void drainSendsAway();
    void dropsTheOldestAndTells();
    void keepsTheNewest();
    void closesToLetTheClientRecover();
    void oneEventAlwaysFits_data();
    void oneEventAlwaysFits();
    void memoryStaysBounded_data();
    void memoryStaysBounded();
    void heartbeats();
    void oneTimerForAll();
    void tellsWhenItCloses();
    void theAnswerIsNeverStored();
};

void tst_EventStream::beginsWithTheRetryHint()
{
    EventStream stream({ .retry = 1500ms });
    QByteArray out = "kept";
    QCOMPARE(stream.read(out, 1024), Body::State::Wait);
    QCOMPARE(out, "keptretry: 1500\n\n"_ba);
    QCOMPARE(stream.size(), -1);
    QVERIFY(stream.isEndless());
}

void tst_EventStream::eventsComeInOrder()
{
    EventStream stream;
    for (int i = 0; i < 5; ++i)
        stream.push(numbered(i));
    QCOMPARE(numbers(received(stream)), QList<int>({ 0, 1, 2, 3, 4 }));
    QCOMPARE(stream.queuedBytes(), 0);
    stream.push(numbered(5));
    QCOMPARE(numbers(received(stream)), QList<int>({ 5 }));
}

void tst_EventStream::wakesOnlyWhenThereIsSomething()
{
    EventStream stream;
    int wakes = 0;
    stream.setWaker([&wakes] { ++wakes; });
    received(stream);
    QCOMPARE(wakes, 0);
    stream.push(numbered(1));
    QCOMPARE(wakes, 1);
    stream.finish();
    QCOMPARE(wakes, 2);
    stream.push(numbered(2));
    stream.finish();
    QCOMPARE(wakes, 2);
}

void tst_EventStream::readsNoMoreThanItsBudget()
{
    EventStream stream;
    received(stream);
    for (int i = 0; i < 10; ++i)
        stream.push(hundred(i));
    QByteArray out;
    QCOMPARE(stream.read(out, 250), Body::State::More);
    QCOMPARE(out.size(), 300); // whole events: at most one beyond
    QCOMPARE(stream.queuedBytes(), 700);
    QCOMPARE(stream.read(out, 10'000), Body::State::Wait);
    QCOMPARE(out.size(), 1000);
}

void tst_EventStream::endsAfterWhatIsQueued()
{
    EventStream stream;
    stream.push(numbered(1));
    stream.finish("done");
    QVERIFY(stream.isFinished());
    stream.push(numbered(2));
    Body::State state;
    QCOMPARE(received(stream, &state), QByteArrayList({ "1", "end done" }));
    QCOMPARE(state, Body::State::End);
}

void tst_EventStream::drainSendsAway()
{
    QSet<qint64> times;
    for (int i = 0; i < 50; ++i) {
        EventStream stream;
        stream.push(numbered(1));
        stream.drain();
        QByteArray bytes;
        QCOMPARE(stream.read(bytes, 1024), Body::State::End);
        SseParser parser;
        QCOMPARE(parser.feed(bytes).size(), 1); // and no `event: end`: the client is to come back
        QVERIFY(parser.retry() >= earliestComeBack && parser.retry() <= latestComeBack);
        times.insert(parser.retry()->count());
    }
    QVERIFY(times.size() > 5);
    EventStream ended; // what had its end before is not to be asked for again
    ended.finish();
    ended.drain();
    QCOMPARE(received(ended), QByteArrayList({ "end " }));
}

void tst_EventStream::dropsTheOldestAndTells()
{
    EventStream stream({ .queueBytes = 1000 });
    received(stream);
    for (int i = 0; i < 25; ++i)
        stream.push(hundred(i));
    QCOMPARE(stream.droppedEvents(), 15);
    const QByteArrayList events = received(stream);
    QCOMPARE(events.first(), "gap {\"dropped\":15}"_ba);
    QCOMPARE(numbers(events.sliced(1)), QList<int>({ 15, 16, 17, 18, 19, 20, 21, 22, 23, 24 }));
    stream.push(numbered(25));
    QCOMPARE(received(stream), QByteArrayList({ "25" })); // told once
}

void tst_EventStream::keepsTheNewest()
{
    EventStream stream({ .queueBytes = 1000, .policy = SlowConsumer::KeepNewest });
    received(stream);
    for (int i = 0; i < 11; ++i)
        stream.push(hundred(i));
    QCOMPARE(numbers(received(stream)), QList<int>({ 10 }));
    QCOMPARE(stream.droppedEvents(), 10);
}

void tst_EventStream::closesToLetTheClientRecover()
{
    EventStream stream({ .queueBytes = 1000, .policy = SlowConsumer::Close });
    received(stream);
    for (int i = 0; i < 10; ++i)
        stream.push(hundred(i));
    stream.push(hundred(10) + hundred(11).repeated(20)); // of any size, behind what fits
    QVERIFY(!stream.isFinished());
    stream.push(hundred(12));
    stream.push(hundred(13));
    QVERIFY(stream.isFinished());
    Body::State state;
    const QList<int> sent = numbers(received(stream, &state)); // no `end`: it is to come back, for what is behind these
    QCOMPARE(sent.first(11), QList<int>({ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }));
    QVERIFY(!sent.contains(12) && !sent.contains(13));
    QCOMPARE(state, Body::State::End);
    QCOMPARE(stream.droppedEvents(), 1);
}

void tst_EventStream::oneEventAlwaysFits_data()
{
    QTest::addColumn<SlowConsumer>("policy");
    QTest::newRow("drop oldest") << SlowConsumer::DropOldestAndTell;
    QTest::newRow("keep newest") << SlowConsumer::KeepNewest;
    QTest::newRow("close") << SlowConsumer::Close;
}

void tst_EventStream::oneEventAlwaysFits()
{
    QFETCH(SlowConsumer, policy);
    EventStream stream({ .queueBytes = 10, .policy = policy });
    received(stream);
    stream.push(hundred(7));
    QCOMPARE(numbers(received(stream)), QList<int>({ 7 }));
    QVERIFY(!stream.isFinished());
    QCOMPARE(stream.droppedEvents(), 0);
}

void tst_EventStream::memoryStaysBounded_data()
{
    oneEventAlwaysFits_data();
}

void tst_EventStream::memoryStaysBounded()
{
    QFETCH(SlowConsumer, policy);
    EventStream stream({ .queueBytes = 1000, .policy = policy });
    for (int i = 0; i < 10'000; ++i) {
        stream.push(hundred(i));
        QVERIFY(stream.queuedBytes() <= 1000 + hundred(i).size());
    }
}

void tst_EventStream::heartbeats()
{
    QCOMPARE(Heartbeat::interval, 15s);
    EventStream idle, behind, finished;
    received(idle);
    received(behind);
    received(finished);
    behind.push(numbered(1));
    finished.finish();
    received(finished);
    int wakes = 0;
    idle.setWaker([&wakes] { ++wakes; });
    Heartbeat::ofThisThread().beat();
    QCOMPARE(wakes, 1);
    QByteArray out;
    QCOMPARE(idle.read(out, 1024), Body::State::Wait);
    QCOMPARE(out, ": \n\n"_ba);
    out.clear();
    behind.read(out, 1024);
    QCOMPARE(out, numbered(1)); // whoever does not read gets no more to read
    out.clear();
    QCOMPARE(finished.read(out, 1024), Body::State::End);
    QVERIFY(out.isEmpty());
}

void tst_EventStream::oneTimerForAll()
{
    Heartbeat &heartbeat = Heartbeat::ofThisThread();
    QVERIFY(!heartbeat.isRunning());
    const qint64 before = EventStream::openCount();
    {
        // Taken away in an order that is not that of coming.
        std::vector<std::unique_ptr<EventStream>> streams;
        for (int i = 0; i < 5; ++i)
            streams.push_back(std::make_unique<EventStream>());
        QVERIFY(heartbeat.isRunning());
        QCOMPARE(EventStream::openCount(), before + 5);
        streams.erase(streams.begin() + 1);
        streams.erase(streams.begin());
        for (const auto &stream : streams)
            received(*stream);
        heartbeat.beat();
        for (const auto &stream : streams)
            QCOMPARE(stream->queuedBytes(), 4);
    }
    QVERIFY(!heartbeat.isRunning());
    QCOMPARE(EventStream::openCount(), before);
}

void tst_EventStream::tellsWhenItCloses()
{
    QByteArrayList calls;
    {
        EventStream stream;
        stream.onClosed([&calls] { calls << "first"; });
        stream.onClosed([&calls] { calls << "second"; });
        QVERIFY(calls.isEmpty());
    }
    QCOMPARE(calls, QByteArrayList({ "first", "second" }));
}

void tst_EventStream::theAnswerIsNeverStored()
{
    const Response response = Response::events(std::make_shared<EventStream>());
    QCOMPARE(response.contentType(), QByteArrayView("text/event-stream"));
    QCOMPARE(response.header("Cache-Control"), QByteArrayView("no-store"));
    QCOMPARE(response.header("X-Accel-Buffering"), QByteArrayView("no"));
    QVERIFY(response.body() != nullptr);
}

QTEST_GUILESS_MAIN(tst_EventStream)
#include "tst_eventstream.moc"
