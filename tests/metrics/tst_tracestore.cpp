// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/sequencelocked.h"
#include "server/metrics/tracestore.h"

#include <QTest>

#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::metrics;

class tst_TraceStore : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theNewestComeFirst();
    void theLastAreKeptAndNoMore();
    void slowAndFailedOnesStayLonger();
    void listIsFiltered_data();
    void listIsFiltered();
    void aTraceIsAWaterfall();
    void requestsOfOneTraceStandTogether();
    void whatIsUnknownIsNotFound_data();
    void whatIsUnknownIsNotFound();
    void isReadWhileItIsWritten();
    void aReaderNeverSeesHalfAValue();

private:
    static AnsweredRequest request(QByteArrayView id, int status = 200, std::chrono::nanoseconds took = 1ms,
                                   TimePoint start = std::chrono::steady_clock::now())
    {
        return { .self = async::TraceParent::random(),
                 .method = "GET",
                 .route = "/api/search",
                 .status = status,
                 .startedAt = start,
                 .duration = took,
                 .requestId = id };
    }
    static QStringList ids(const TraceStore &store, const TraceStore::Query &query)
    {
        QStringList ids;
        for (const auto &summary : store.list(query))
            ids.append(summary.requestId);
        return ids;
    }
};

void tst_TraceStore::theNewestComeFirst()
{
    TraceStore store({});
    const TimePoint start = std::chrono::steady_clock::now();
    store.record(request("a", 200, 1500us, start), {});
    store.record(request("b", 404, 1ms, start + 1ms), {});
    QCOMPARE(ids(store, {}), (QStringList{ u"b"_s, u"a"_s }));
    const auto summary = store.list({}).last();
    QCOMPARE(summary.name, u"GET /api/search"_s);
    QCOMPARE(summary.status, 200);
    QCOMPARE(summary.durationUs, 1500);
    QVERIFY(std::chrono::abs(summary.timestamp - Clock::system().timestamp()) < 10s);
    QCOMPARE(store.figures().recorded, 2);
}

void tst_TraceStore::theLastAreKeptAndNoMore()
{
    TraceStore store({ .recent = 3 });
    const TimePoint start = std::chrono::steady_clock::now();
    for (int i = 0; i < 10; ++i)
        store.record(request(QByteArray::number(i), 200, 1ms, start + std::chrono::milliseconds(i)), {});
    QCOMPARE(ids(store, {}), (QStringList{ u"9"_s, u"8"_s, u"7"_s }));
    QCOMPARE(ids(store, { .limit = 1 }), QStringList{ u"9"_s });
}

void tst_TraceStore::slowAndFailedOnesStayLonger()
{
    TraceStore store({ .recent = 2, .notable = 2, .slow = 100ms });
    const TimePoint start = std::chrono::steady_clock::now();
    store.record(request("slow", 200, 100ms, start), {});
    store.record(request("failed", 503, 1ms, start + 1ms), {});
    store.record(request("refused", 429, 99ms, start + 2ms), {});
    for (int i = 0; i < 5; ++i)
        store.record(request("quick", 200, 1ms, start + 3ms), {});
    QCOMPARE(ids(store, {}), (QStringList{ u"quick"_s, u"quick"_s, u"failed"_s, u"slow"_s }));
    QCOMPARE(store.figures().notable, 2);
}

void tst_TraceStore::listIsFiltered_data()
{
    QTest::addColumn<QString>("requestId");
    QTest::addColumn<int>("leastMs");
    QTest::addColumn<bool>("onlyFailed");
    QTest::addColumn<QStringList>("expected");
    QTest::newRow("all") << QString() << 0 << false << QStringList{ u"c"_s, u"b"_s, u"a"_s };
    QTest::newRow("of a request") << u"b"_s << 0 << false << QStringList{ u"b"_s };
    QTest::newRow("of none") << u"d"_s << 0 << false << QStringList{};
    QTest::newRow("slow ones") << QString() << 20 << false << QStringList{ u"c"_s, u"b"_s };
    QTest::newRow("failed ones") << QString() << 0 << true << QStringList{ u"c"_s };
}

void tst_TraceStore::listIsFiltered()
{
    QFETCH(QString, requestId);
    QFETCH(int, leastMs);
    QFETCH(bool, onlyFailed);
    QFETCH(QStringList, expected);
    TraceStore store({});
    const TimePoint start = std::chrono::steady_clock::now();
    store.record(request("a", 200, 10ms, start), {});
    store.record(request("b", 499, 20ms, start + 1ms), {});
    store.record(request("c", 500, 30ms, start + 2ms), {});
    QCOMPARE(
        ids(store, { .requestId = requestId, .least = std::chrono::milliseconds(leastMs), .onlyFailed = onlyFailed }),
        expected);
}

void tst_TraceStore::aTraceIsAWaterfall()
{
    TraceStore store({});
    AnsweredRequest answered = request("a");
    answered.parentId = 7;
    const auto trace = std::make_shared<async::Trace>(answered.self);
    const TimePoint start = answered.startedAt;
    const auto id = trace->begin();
    trace->add({ .id = id,
                 .parent = 0,
                 .name = "database read",
                 .start = start + 200us,
                 .end = start + 900us,
                 .hasFailed = true,
                 .attributes = { { "statement", "SELECT 1" }, { "statement", "SELECT 2" } } });
    store.record(answered, trace);
    const auto inner = trace->begin();
    trace->add({ .id = inner, .parent = id, .name = "late", .start = start + 300us, .end = start + 2ms });

    const auto detail = store.find(QString::fromLatin1(answered.self.traceIdText()));
    QVERIFY(detail);
    QCOMPARE(detail->spans.size(), 3); // also what ended after the answer
    const auto &root = detail->spans[0], &read = detail->spans[1], &late = detail->spans[2];
    QCOMPARE(root.name, u"GET /api/search"_s);
    QCOMPARE(root.parent, u"0000000000000007"_s);
    QCOMPARE(root.startUs, 0);
    QCOMPARE(root.attributes[u"status"_s].toInt(), 200);
    QCOMPARE(read.parent, root.id);
    QCOMPARE(late.parent, read.id);
    QVERIFY(qAbs(read.startUs - 200) <= 1);
    QVERIFY(qAbs(read.durationUs - 700) <= 1);
    QVERIFY(read.hasFailed);
    QCOMPARE(read.attributes[u"statement"_s].toString(), u"SELECT 1"_s);
    QCOMPARE(read.attributes[u"statement_2"_s].toString(), u"SELECT 2"_s);
    QVERIFY(*protocol::TraceDetail::fromJson(detail->toJson()) == *detail);
    const auto summary = store.list({}).first();
    QVERIFY(*protocol::TraceSummary::fromJson(summary.toJson()) == summary);
}

void tst_TraceStore::requestsOfOneTraceStandTogether()
{
    TraceStore store({});
    AnsweredRequest first = request("a"), second = request("b");
    second.self.traceId = first.self.traceId;
    second.startedAt = first.startedAt + 5ms;
    store.record(first, {});
    store.record(second, {});
    store.record(request("c"), {});
    const auto detail = store.find(QString::fromLatin1(first.self.traceIdText()));
    QCOMPARE(detail->spans.size(), 2);
    QVERIFY(qAbs(detail->spans[1].startUs - 5'000) <= 1);
}

void tst_TraceStore::whatIsUnknownIsNotFound_data()
{
    QTest::addColumn<QString>("id");
    QTest::newRow("another") << u"0af7651916cd43dd8448eb211c80319c"_s;
    QTest::newRow("zero") << QString(32, u'0');
    QTest::newRow("short") << u"0af7"_s;
    QTest::newRow("no hexadecimal") << QString(32, u'x');
    QTest::newRow("empty") << QString();
}

void tst_TraceStore::whatIsUnknownIsNotFound()
{
    QFETCH(QString, id);
    TraceStore store({});
    store.record(request("a"), {});
    QVERIFY(!store.find(id));
}

void tst_TraceStore::isReadWhileItIsWritten()
{
    TraceStore store({ .recent = 16, .notable = 4 });
    std::atomic<bool> isDone = false;
    std::vector<std::jthread> writers;
    for (int t = 0; t < 3; ++t) {
        writers.emplace_back([&store] {
            for (int i = 0; i < 5'000; ++i) {
                const auto answered = request("a-request", i % 10 == 0 ? 500 : 200);
                store.record(answered, i % 3 == 0 ? std::make_shared<async::Trace>(answered.self) : nullptr);
            }
        });
    }
    std::jthread reader([&] {
        while (!isDone) {
            for (const auto &summary : store.list({ .limit = 1'000 })) {
                if (summary.requestId != u"a-request"_s || !store.list({ .requestId = u"b"_s }).isEmpty())
                    qFatal("half of a request was read");
            }
        }
    });
    writers.clear();
    isDone = true;
    reader.join();
    QCOMPARE(store.figures().recorded, 15'000);
}

void tst_TraceStore::aReaderNeverSeesHalfAValue()
{
    struct Value
    {
        std::array<quint64, 16> same;
    };
    SequenceLocked<Value> slot;
    Value seen{};
    QVERIFY(!slot.read(seen));
    std::atomic<bool> isDone = false;
    std::jthread writer([&] {
        for (quint64 i = 1; i <= 200'000; ++i) {
            Value value{};
            value.same.fill(i);
            slot.write(value);
        }
        isDone = true;
    });
    quint64 reads = 0;
    while (!isDone || reads == 0) {
        if (!slot.read(seen))
            continue;
        ++reads;
        for (const quint64 one : seen.same)
            QCOMPARE(one, seen.same[0]);
    }
}

QTEST_GUILESS_MAIN(tst_TraceStore)
#include "tst_tracestore.moc"
