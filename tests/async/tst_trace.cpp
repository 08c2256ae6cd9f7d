// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/bulkhead.h"
#include "shared/async/future.h"
#include "shared/async/gather.h"
#include "shared/async/retry.h"
#include "shared/async/sleep.h"
#include "shared/async/timeout.h"
#include "shared/async/trace.h"
#include "shared/async/ttlcache.h"

#include <QCoroTask>
#include <QTest>

#include <set>
#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::async;

class tst_Trace : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void traceparent_data();
    void traceparent();
    void traceparentIsWrittenAsItIsRead();
    void tracestate_data();
    void tracestate();
    void idsDiffer();
    void spansAreATree();
    void withoutATraceNothingIsRecorded();
    void isBounded();
    void longValuesAreCut();
    void spansOfManyThreads();
    void branchesStandUnderTheirOwnSpans();
    void aBranchThatFailsSaysWhy();
    void attemptsAndPausesAreSpans();
    void waitingForABulkheadIsASpan();
    void aLookUpInACacheIsASpan();
    void aTimeoutKeepsTheTrace();
    void theRequestInWorkIsKnownAfterAWait();
};

namespace {

Context traced()
{
    Context context;
    context.trace.trace = std::make_shared<Trace>(TraceParent::random());
    return context;
}

QStringList names(const Context &context)
{
    QStringList names;
    for (const auto &span : context.trace.trace->spans())
        names.append(QString::number(span.parent) + u':' + QString::fromLatin1(span.name));
    return names;
}

QCoro::Task<int> leaf(Context context, const char *name, int value)
{
    const Span span(context.trace, name);
    OneShot<void> wait = sleepFor(context, 1ms);
    co_await std::move(wait);
    co_return value;
}

QCoro::Task<int> failing(Context context, int *left)
{
    OneShot<void> wait = sleepFor(context, 0ms);
    co_await std::move(wait);
    if ((*left)-- > 0)
        throw Error(Error::Code::Unavailable, u"not now"_s);
    co_return 1;
}

} // namespace

void tst_Trace::traceparent_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("isValid");
    const QByteArray id = "0af7651916cd43dd8448eb211c80319c", span = "b7ad6b7169203331";
    const auto text
        = [&](const QByteArray &version, const QByteArray &traceId, const QByteArray &spanId,
              const QByteArray &flags) -> QByteArray { return version + '-' + traceId + '-' + spanId + '-' + flags; };
    QTest::newRow("sampled") << text("00", id, span, "01") << true;
    QTest::newRow("not sampled") << text("00", id, span, "00") << true;
    QTest::newRow("other flags") << text("00", id, span, "ff") << true;
    QTest::newRow("a later version") << text("01", id, span, "01") << true;
    QTest::newRow("a later version with more") << text("01", id, span, "01-what-the-future-holds") << true;
    QTest::newRow("a later version without the dash") << text("01", id, span, "01.x") << false;
    QTest::newRow("version 00 with more") << text("00", id, span, "01-x") << false;
    QTest::newRow("version ff") << text("ff", id, span, "01") << false;
    QTest::newRow("upper case") << text("00", id.toUpper(), span, "01") << false;
    QTest::newRow("upper case version") << text("0A", id, span, "01") << false;
    QTest::newRow("zero trace") << text("00", QByteArray(32, '0'), span, "01") << false;
    QTest::newRow("zero span") << text("00", id, QByteArray(16, '0'), "01") << false;
    QTest::newRow("short trace") << text("00", id.first(31), span, "01") << false;
    QTest::newRow("long trace") << text("00", id + '0', span, "01") << false;
    QTest::newRow("no hexadecimal digit") << text("00", id, "b7ad6b716920333g", "01") << false;
    QTest::newRow("flags of one digit") << text("00", id, span, "1") << false;
    QTest::newRow("wrong separators") << QByteArray(text("00", id, span, "01")).replace('-', '_') << false;
    QTest::newRow("white space") << QByteArray(' ' + text("00", id, span, "01")) << false;
    QTest::newRow("two of them") << QByteArray(text("00", id, span, "01") + ", " + text("00", id, span, "01")) << false;
    QTest::newRow("empty") << QByteArray() << false;
}

void tst_Trace::traceparent()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, isValid);
    const auto parent = TraceParent::parse(text);
    QCOMPARE(parent.has_value(), isValid);
    if (!parent)
        return;
    QCOMPARE(parent->traceIdText(), text.sliced(3, 32));
    QCOMPARE(TraceParent::spanIdText(parent->spanId), text.sliced(36, 16));
    QCOMPARE(parent->isSampled(), text[54] != '0');
}

void tst_Trace::traceparentIsWrittenAsItIsRead()
{
    const QByteArray text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    QCOMPARE(TraceParent::parse(text)->toHeader(), text);
    const TraceParent made = TraceParent::random();
    QVERIFY(TraceParent::parse(made.toHeader()) == made);
}

void tst_Trace::tracestate_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("isPassed");
    QTest::newRow("one") << QByteArray("rojo=00f067aa0ba902b7") << true;
    QTest::newRow("two") << QByteArray("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE") << true;
    QTest::newRow("spaces and an empty member") << QByteArray("a=1 , ,b=2") << true;
    QTest::newRow("tenant") << QByteArray("fw529a3039@dt=FfIAAAA") << true;
    QTest::newRow("upper case key") << QByteArray("Rojo=1") << false;
    QTest::newRow("no value") << QByteArray("rojo=") << false;
    QTest::newRow("no key") << QByteArray("=1") << false;
    QTest::newRow("no equals") << QByteArray("rojo") << false;
    QTest::newRow("two equals") << QByteArray("a=b=c") << false;
    QTest::newRow("a line break") << QByteArray("a=b\r\nX: y") << false;
    QTest::newRow("too long") << QByteArray("a=" + QByteArray(511, 'x')) << false;
    QTest::newRow("too many") << QByteArray("a=1,").repeated(33) << false;
    QTest::newRow("only commas") << QByteArray(",,") << false;
    QTest::newRow("empty") << QByteArray() << false;
}

void tst_Trace::tracestate()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, isPassed);
    QCOMPARE(validTraceState(text), isPassed ? text : QByteArray());
}

void tst_Trace::idsDiffer()
{
    const Trace trace(TraceParent::random());
    std::set<quint64> seen;
    for (Trace::SpanId id = 0; id <= Trace::mostSpans; ++id)
        QVERIFY(seen.insert(trace.wireIdOf(id)).second);
    QCOMPARE(trace.wireIdOf(0), trace.self().spanId);
    QVERIFY(TraceParent::random().traceId != TraceParent::random().traceId);
    const auto told = TraceParent::parse(trace.traceparentOf(3));
    QCOMPARE(told->traceIdText(), trace.self().traceIdText());
    QCOMPARE(told->spanId, trace.wireIdOf(3));
}

void tst_Trace::spansAreATree()
{
    const Context context = traced();
    {
        Span outer(context.trace, "outer");
        const Context inner = context.within(outer);
        Span child(inner.trace, "child");
        child.set("cache", "hit");
        child.set("rows", qint64(7));
        child.end();
        child.set("late", "lost");
        const Span sibling(context.trace, "sibling");
    }
    QCOMPARE(names(context), (QStringList{ u"0:outer"_s, u"1:child"_s, u"0:sibling"_s }));
    const auto child = context.trace.trace->spans()[1];
    QCOMPARE(child.attributes.size(), size_t(2));
    QCOMPARE(child.attributes[1].second, "7");
    QVERIFY(child.end >= child.start);
    QVERIFY(!child.hasFailed);
}

void tst_Trace::withoutATraceNothingIsRecorded()
{
    const Context context;
    Span span(context.trace, "outer");
    QVERIFY(!span);
    span.set("a", "b");
    QVERIFY(!context.within(span).trace);
    Branch branch;
    QCOMPARE(&branch.begin(context, "branch", "index", 0), &context);
}

void tst_Trace::isBounded()
{
    const Context context = traced();
    for (Trace::SpanId i = 0; i < Trace::mostSpans + 5; ++i)
        const Span span(context.trace, "one");
    QCOMPARE(context.trace.trace->spans().size(), size_t(Trace::mostSpans));
    QCOMPARE(context.trace.trace->dropped(), 5);
}

void tst_Trace::longValuesAreCut()
{
    const Context context = traced();
    Span(context.trace, "one").set("statement", QByteArray(10'000, 'x'));
    QCOMPARE(context.trace.trace->spans()[0].attributes[0].second.size(), Trace::mostAttributeBytes);
}

void tst_Trace::spansOfManyThreads()
{
    const Context context = traced();
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&context] {
            for (int i = 0; i < 20; ++i)
                Span(context.trace, "one").set("i", qint64(i));
        });
    }
    threads.clear();
    std::set<Trace::SpanId> ids;
    for (const auto &span : context.trace.trace->spans())
        ids.insert(span.id);
    QCOMPARE(ids.size(), size_t(80));
}

void tst_Trace::branchesStandUnderTheirOwnSpans()
{
    const Context context = traced();
    const auto both = QCoro::waitFor(tryGather(
        context, [](const Context &c) { return leaf(c, "left", 1); },
        [](const Context &c) { return leaf(c, "right", 2); }));
    QCOMPARE(std::get<0>(both) + std::get<1>(both), 3);
    QCOMPARE(names(context), (QStringList{ u"0:branch"_s, u"1:left"_s, u"0:branch"_s, u"3:right"_s }));

    const Context batch = traced();
    QCoro::waitFor(forEachConcurrent(batch, std::vector<int>{ 5, 6 },
                                     [](const Context &c, int &value) { return leaf(c, "one", value); }));
    QCOMPARE(names(batch), (QStringList{ u"0:item"_s, u"1:one"_s, u"0:item"_s, u"3:one"_s }));
}

void tst_Trace::aBranchThatFailsSaysWhy()
{
    const Context context = traced();
    int left = 1;
    QCoro::waitFor(gather(context, [&left](const Context &c) { return failing(c, &left); }));
    const auto spans = context.trace.trace->spans();
    QCOMPARE(spans.size(), size_t(1));
    QVERIFY(spans[0].hasFailed);
    QCOMPARE(spans[0].attributes.back().second, "not now");
}

void tst_Trace::attemptsAndPausesAreSpans()
{
    const Context context = traced();
    int left = 2;
    RetryPolicy policy{ .attempts = 3, .firstDelay = 1ms };
    QCOMPARE(QCoro::waitFor(retry(context, policy, [&left](const Context &c) { return failing(c, &left); })), 1);
    QCOMPARE(names(context),
             (QStringList{ u"0:attempt"_s, u"0:backoff"_s, u"0:attempt"_s, u"0:backoff"_s, u"0:attempt"_s }));
    const auto spans = context.trace.trace->spans();
    QVERIFY(spans[0].hasFailed && spans[2].hasFailed && !spans[4].hasFailed);
    QCOMPARE(spans[4].attributes[0].second, "3");
}

void tst_Trace::waitingForABulkheadIsASpan()
{
    Bulkhead bulkhead({ .name = u"passwords"_s, .concurrency = 1, .queue = 1 });
    const Context context = traced();
    auto first = std::make_optional(bulkhead.acquire(context));
    QCOMPARE(names(context), QStringList()); // nobody had to wait
    const auto second = bulkhead.acquire(context);
    first.reset();
    QVERIFY(second.isFinished());
    QCOMPARE(names(context), QStringList{ u"0:bulkhead wait"_s });
}

static QCoro::Task<Loaded<int>> load(Context context)
{
    QCoro::Task<int> work = leaf(std::move(context), "load", 1);
    co_return co_await work;
}

void tst_Trace::aLookUpInACacheIsASpan()
{
    ManualClock clock;
    TtlCache<int, int> cache({ .name = u"numbers"_s, .timeToLive = 1min, .staleFor = 1min }, clock);
    const auto ask = [&cache](const Context &context) {
        return cache.get(context, 7, [](const Context &own) { return load(own); });
    };
    const auto outcomes = [](const Context &context) {
        QByteArrayList texts;
        for (const auto &span : context.trace.trace->spans())
            for (const auto &[name, value] : span.attributes)
                texts.append(name + "="_ba + value);
        return texts;
    };
    const Context first = traced(), second = traced(), third = traced(), fourth = traced();
    auto miss = ask(first), joined = ask(second);
    QCOMPARE(names(first), QStringList()); // it waits
    QTRY_COMPARE(names(first), (QStringList{ u"0:cache"_s, u"1:load"_s }));
    QCOMPARE(outcomes(first), (QByteArrayList{ "name=numbers", "outcome=miss" }));
    QCOMPARE(names(second), QStringList{ u"0:cache"_s }); // the load is the first one's
    QCOMPARE(outcomes(second), (QByteArrayList{ "name=numbers", "outcome=miss" }));
    const auto hit = ask(third);
    QCOMPARE(outcomes(third), (QByteArrayList{ "name=numbers", "outcome=hit" }));
    clock.advance(90s);
    const auto stale = ask(fourth);
    QCOMPARE(outcomes(fourth), (QByteArrayList{ "name=numbers", "outcome=stale" }));
    QTRY_COMPARE(names(fourth), (QStringList{ u"0:cache"_s, u"1:load"_s })); // what makes it fresh
}

void tst_Trace::aTimeoutKeepsTheTrace()
{
    Context context = traced();
    context.requestId = "id";
    QCoro::waitFor(withTimeout(context, 10s, u"leaf"_s, [](const Context &c) {
        [&] { QCOMPARE(c.requestId, "id"); }();
        return leaf(c, "one", 1);
    }));
    QCOMPARE(names(context), QStringList{ u"0:one"_s });
}

static QCoro::Task<> noteWhoIsInWork(QList<QByteArray> *seen)
{
    OneShot<void> wait = sleepFor({}, 1ms);
    co_await std::move(wait);
    seen->append(CurrentRequest::id());
    QPromise<int> promise;
    promise.start();
    const auto future = promise.future();
    const std::jthread thread([&promise] {
        promise.addResult(1);
        promise.finish();
    });
    co_await resume(future);
    seen->append(CurrentRequest::id());
}

void tst_Trace::theRequestInWorkIsKnownAfterAWait()
{
    QList<QByteArray> seen;
    {
        const QByteArray id = "request-1";
        const CurrentRequest request(id);
        noteWhoIsInWork(&seen);
        QCOMPARE(CurrentRequest::id(), "request-1");
    }
    QVERIFY(CurrentRequest::id().isNull());
    QTRY_COMPARE(seen, (QList<QByteArray>{ "request-1", "request-1" }));
    QVERIFY(CurrentRequest::id().isNull());
}

QTEST_GUILESS_MAIN(tst_Trace)
#include "tst_trace.moc"
