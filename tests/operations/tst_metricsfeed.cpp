// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/eventstream.h"
#include "server/operations/metricsfeed.h"
#include "server/operations/timestream.h"
#include "shared/protocol/sse.h"

#include <QJsonDocument>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::operations;

/// What a client of a stream reads.
class Reader
{
public:
    explicit Reader(std::shared_ptr<http::EventStream> stream) : m_stream(std::move(stream)) { }

    const QList<protocol::SseEvent> &events()
    {
        QByteArray bytes;
        m_ended = m_stream->read(bytes, 1024 * 1024) == http::Body::State::End;
        m_events += m_parser.feed(bytes);
        return m_events;
    }
    bool hasEnded() const { return m_ended; }
    QList<QByteArray> names()
    {
        QList<QByteArray> names;
        for (const auto &event : events())
            names.append(event.event);
        return names;
    }
    http::EventStream &stream() { return *m_stream; }
    void leave() { m_stream.reset(); }

private:
    std::shared_ptr<http::EventStream> m_stream;
    protocol::SseParser m_parser;
    QList<protocol::SseEvent> m_events;
    bool m_ended = false;
};

class tst_MetricsFeed : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aNewReaderGetsTheNewestAndWhatFollows();
    void whoComesBackGetsExactlyWhatWasMissed();
    void whatIsGoneIsSaid();
    void anotherRunsIdIsSaid_data();
    void anotherRunsIdIsSaid();
    void timeComesEachInterval();
    void timeEndsWithItsReader();

private:
    static protocol::MetricsSample sample(qint64 counter)
    {
        protocol::MetricsSample sample;
        sample.counter = counter;
        return sample;
    }
    static std::unique_ptr<Reader> subscribe(MetricsFeed &feed, const QByteArray &lastEventId = {})
    {
        auto stream = std::make_shared<http::EventStream>();
        feed.subscribe(stream, lastEventId);
        return std::make_unique<Reader>(std::move(stream));
    }
    static QList<qint64> counters(Reader &reader)
    {
        QList<qint64> counters;
        for (const auto &event : reader.events()) {
            if (event.event == "metrics")
                counters.append(QJsonDocument::fromJson(event.data)["counter"_L1].toInteger());
        }
        return counters;
    }
};

void tst_MetricsFeed::aNewReaderGetsTheNewestAndWhatFollows()
{
    MetricsFeed feed;
    feed.publish(sample(1));
    feed.publish(sample(2));
    const auto reader = subscribe(feed);
    QCOMPARE(counters(*reader), QList<qint64>{ 2 });
    feed.publish(sample(3));
    QTRY_COMPARE(counters(*reader), (QList<qint64>{ 2, 3 }));
    QVERIFY(reader->events().last().id.endsWith(":3"));
}

void tst_MetricsFeed::whoComesBackGetsExactlyWhatWasMissed()
{
    MetricsFeed feed;
    for (qint64 counter = 1; counter <= 3; ++counter)
        feed.publish(sample(counter));
    const auto first = subscribe(feed);
    const QByteArray id = first->events().last().id;
    for (qint64 counter = 4; counter <= 6; ++counter)
        feed.publish(sample(counter));
    const auto second = subscribe(feed, id);
    feed.publish(sample(7));
    QTRY_COMPARE(counters(*second), (QList<qint64>{ 4, 5, 6, 7 }));
    QVERIFY(!second->names().contains("gap"));
    const auto upToDate = subscribe(feed, second->events().last().id);
    QCOMPARE(counters(*upToDate), QList<qint64>{});
    QVERIFY(!upToDate->names().contains("gap"));
}

void tst_MetricsFeed::whatIsGoneIsSaid()
{
    MetricsFeed feed(2);
    feed.publish(sample(1));
    const QByteArray id = subscribe(feed)->events().last().id;
    for (qint64 counter = 2; counter <= 5; ++counter)
        feed.publish(sample(counter));
    const auto reader = subscribe(feed, id);
    QCOMPARE(reader->names(), (QList<QByteArray>{ "gap", "metrics", "metrics" }));
    QCOMPARE(counters(*reader), (QList<qint64>{ 4, 5 }));
    const auto gap = QJsonDocument::fromJson(reader->events().first().data);
    QCOMPARE(gap["recovered"_L1], QJsonValue(false));
    QVERIFY(gap["oldest"_L1].toString().endsWith(u":4"_s));
}

void tst_MetricsFeed::anotherRunsIdIsSaid_data()
{
    QTest::addColumn<QByteArray>("id");
    QTest::newRow("another epoch") << QByteArray("0123456789abcdef:1");
    QTest::newRow("no epoch") << QByteArray("1");
    QTest::newRow("no number") << QByteArray("0123456789abcdef:x");
    QTest::newRow("only a colon") << QByteArray(":");
    QTest::newRow("rubbish") << QByteArray("\xff\xfe");
}

void tst_MetricsFeed::anotherRunsIdIsSaid()
{
    QFETCH(QByteArray, id);
    MetricsFeed feed;
    feed.publish(sample(1));
    feed.publish(sample(2));
    const auto reader = subscribe(feed, id);
    QCOMPARE(reader->names(), (QList<QByteArray>{ "gap", "metrics", "metrics" }));
}

void tst_MetricsFeed::timeComesEachInterval()
{
    const ManualClock clock;
    Reader reader(makeTimeStream(clock, 5ms, 8));
    const QByteArray expected = "Current time: " + toRfc3339Bytes(clock.timestamp());
    QCOMPARE(reader.events().size(), 1); // at once
    QTRY_VERIFY(reader.events().size() >= 3);
    QCOMPARE(reader.events()[0].data, expected);
    QCOMPARE(reader.events()[0].id, "8");
    QCOMPARE(reader.events()[1].id, "9");
    reader.stream().drain();
    QTRY_VERIFY(reader.hasEnded() || (reader.events(), reader.hasEnded()));
    QVERIFY(reader.events().last().event.isEmpty()); // no end: its reader comes back
}

void tst_MetricsFeed::timeEndsWithItsReader()
{
    const Clock clock;
    Reader reader(makeTimeStream(clock, 1ms, 1));
    QTRY_VERIFY(reader.events().size() >= 2);
    bool hasEnded = false;
    reader.stream().onClosed([&] { hasEnded = true; });
    reader.leave();
    QVERIFY(hasEnded); // nobody else holds it
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

QTEST_GUILESS_MAIN(tst_MetricsFeed)
#include "tst_metricsfeed.moc"
