// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tasks/testtasks.h"

#include <atomic>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::tasks;

/// What becomes of a task that fails, takes too long, or has much to say.
class tst_TaskAttempts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatMayPassIsTriedAgain();
    void onlySoOften_data();
    void onlySoOften();
    void whatDoesNotPassFailsAtOnce();
    void waitsAcrossARestart();
    void whatWaitsIsCancelled();
    void tooLongIsStopped();
    void doneInTimeIsDone();
    void saysWhatItDoes();
    void whatItSaidIsBounded();
    void tooLargeAResultIsNotKept();
    void endedIsForgottenByAgeAndCount();
};

static Handler failing(std::atomic<int> &calls, int times, Error::Code code = Error::Code::Unavailable)
{
    return [&calls, times, code](Job &) {
        if (++calls <= times)
            throw Error(code, u"not now"_s);
        return QJsonObject();
    };
}

static QStringList textsOf(TestTasks &test, qint64 id, qint64 after = 0)
{
    QStringList texts;
    const auto lines = test.service->log({}, id, after).result();
    for (const auto &line : lines)
        texts.append(line.text);
    return texts;
}

void tst_TaskAttempts::whatMayPassIsTriedAgain()
{
    std::atomic<int> calls{ 0 };
    TestTasks test;
    test.service->addKind(u"work"_s, failing(calls, 2), { .maxAttempts = 3, .backoff = 1ms });
    test.service->start();
    const auto id = test.submit(u"work"_s).id;
    QTRY_COMPARE(test.status(id), Status::Completed);
    QCOMPARE(test.get(id).attempts, 3);
    QCOMPARE(test.get(id).message, QString());
    QVERIFY(!test.get(id).runAt);
    QCOMPARE(textsOf(test, id),
             (QStringList{ u"attempt 1 of 3 failed: not now"_s, u"attempt 2 of 3 failed: not now"_s }));
}

void tst_TaskAttempts::onlySoOften_data()
{
    QTest::addColumn<int>("ofKind");
    QTest::addColumn<std::optional<int>>("ofTask");
    QTest::addColumn<int>("attempts");
    QTest::newRow("as the kind has it") << 2 << std::optional<int>() << 2;
    QTest::newRow("as the task says") << 1 << std::optional(4) << 4;
    QTest::newRow("not at all") << 3 << std::optional(1) << 1;
}

void tst_TaskAttempts::onlySoOften()
{
    QFETCH(int, ofKind);
    QFETCH(std::optional<int>, ofTask);
    QFETCH(int, attempts);
    std::atomic<int> calls{ 0 };
    TestTasks test;
    test.service->addKind(u"work"_s, failing(calls, 100), { .maxAttempts = ofKind, .backoff = 1ms });
    test.service->start();
    const auto id = test.service->submit({}, { .kind = u"work"_s, .params = {}, .priority = 0, .maxAttempts = ofTask })
                        .result()
                        .id;
    QTRY_COMPARE(test.status(id), Status::Failed);
    QCOMPARE(test.get(id).attempts, attempts);
    QCOMPARE(test.get(id).message, u"not now"_s);
    // By hand, they are counted anew.
    test.service->retry({}, id).waitForFinished();
    QTRY_COMPARE(test.get(id).attempts, 2 * attempts);
    QTRY_COMPARE(test.status(id), Status::Failed);
}

void tst_TaskAttempts::whatDoesNotPassFailsAtOnce()
{
    std::atomic<int> calls{ 0 };
    TestTasks test;
    test.service->addKind(u"work"_s, failing(calls, 100, Error::Code::NotFound), { .maxAttempts = 5, .backoff = 1ms });
    test.service->addKind(u"breaks"_s, [](Job &) -> QJsonObject { throw std::runtime_error("odd"); },
                          { .maxAttempts = 5, .backoff = 1ms });
    test.service->start();
    for (const QString &kind : { u"work"_s, u"breaks"_s }) {
        const auto id = test.submit(kind).id;
        QTRY_COMPARE(test.status(id), Status::Failed);
        QCOMPARE(test.get(id).attempts, 1);
    }
}

void tst_TaskAttempts::waitsAcrossARestart()
{
    std::atomic<int> calls{ 0 };
    TestTasks test;
    const auto begin = [&](std::chrono::milliseconds backoff) {
        test.service->addKind(u"work"_s, failing(calls, 1), { .maxAttempts = 2, .backoff = backoff });
        test.service->start();
    };
    begin(1h);
    const auto id = test.submit(u"work"_s).id;
    QTRY_VERIFY(test.get(id).runAt.has_value());
    QCOMPARE(test.status(id), Status::Queued);
    QTRY_COMPARE(test.service->figures().delayed, 1);
    QCOMPARE(test.service->progress(id)->progress.message, u"attempt 1 of 2 failed: not now"_s);
    test.close();
    test.open();
    begin(1h);
    QCOMPARE(test.service->figures().delayed, 1);
    QCOMPARE(test.service->figures().waiting, 0);
    test.close();
    test.open();
    test.pool->write({}, [](db::Connection &c) { c.execute(u"UPDATE tasks SET run_at = 1"); })
        .future()
        .waitForFinished();
    begin(1h);
    QTRY_COMPARE(test.status(id), Status::Completed);
    QCOMPARE(calls.load(), 2);
}

void tst_TaskAttempts::whatWaitsIsCancelled()
{
    std::atomic<int> calls{ 0 };
    TestTasks test;
    test.service->addKind(u"work"_s, failing(calls, 1), { .maxAttempts = 2, .backoff = 1h });
    test.service->start();
    const auto id = test.submit(u"work"_s).id;
    QTRY_COMPARE(test.service->figures().delayed, 1);
    QCOMPARE(toString(test.service->cancel({}, id).result().status), Status::Cancelled);
    QCOMPARE(test.service->figures().delayed, 0);
    test.service->retry({}, id).waitForFinished(); // and need not wait
    QTRY_COMPARE(test.status(id), Status::Completed);
    QCOMPARE(test.service->figures().delayed, 0);
}

void tst_TaskAttempts::tooLongIsStopped()
{
    Gate never;
    TestTasks test;
    test.service->addKind(u"work"_s, through(never), { .maxAttempts = 2, .backoff = 1ms, .timeout = 1h });
    test.service->start();
    const auto id = test.service->submit({}, { .kind = u"work"_s, .params = {}, .priority = 0, .timeoutSeconds = 0.02 })
                        .result()
                        .id;
    QTRY_COMPARE(test.status(id), Status::Failed);
    QCOMPARE(test.get(id).message, u"it took longer than 0.02 s"_s);
    QCOMPARE(test.get(id).attempts, 2);
    QCOMPARE(never.arrived(), 2);
}

void tst_TaskAttempts::doneInTimeIsDone()
{
    TestTasks test;
    test.service->addKind(u"quick"_s, [](Job &) { return QJsonObject(); }, { .timeout = 1h });
    // It hears of its time only when all is done.
    test.service->addKind(u"late"_s,
                          [](Job &job) {
                              while (!job.stopToken().stop_requested())
                                  std::this_thread::yield();
                              return QJsonObject{ { u"a"_s, 1 } };
                          },
                          { .timeout = 1ms });
    test.service->start();
    for (const QString &kind : { u"quick"_s, u"late"_s }) {
        const auto id = test.submit(kind).id;
        QTRY_COMPARE(test.status(id), Status::Completed);
    }
}

void tst_TaskAttempts::saysWhatItDoes()
{
    Gate gate;
    TestTasks test;
    const auto handler = [&gate](Job &job) {
        job.log(u"begun %1"_s.arg(job.attempt()));
        if (!gate.pass(job))
            throw Error::cancelled();
        job.log(u"done"_s);
        return QJsonObject();
    };
    test.service->addKind(u"work"_s, handler);
    test.service->start();
    const auto id = test.submit(u"work"_s).id;
    QTRY_COMPARE(gate.arrived(), 1);
    QCOMPARE(textsOf(test, id), QStringList{ u"begun 1"_s }); // while it runs
    test.close(); // a drain: it is to run again
    test.open();
    gate.open();
    test.service->addKind(u"work"_s, handler);
    test.service->start();
    QTRY_COMPARE(test.status(id), Status::Completed);
    QCOMPARE(textsOf(test, id), (QStringList{ u"begun 1"_s, u"begun 2"_s, u"done"_s }));
    QCOMPARE(textsOf(test, id, 2), QStringList{ u"done"_s });
    const auto lines = test.service->log({}, id).result();
    QCOMPARE(lines[1].attempt, 2);
    QCOMPARE(lines[2].line, 3);
    QCOMPARE(errorFrom([&] { test.service->log({}, 99).result(); }), Error::Code::NotFound);
    test.service->remove({}, id).waitForFinished();
    const auto left = test.pool
                          ->read({},
                                 [](db::Connection &c) {
                                     QSqlQuery &rows = c.execute(u"SELECT count(*) FROM task_log");
                                     return rows.next() ? rows.value(0).toInt() : -1;
                                 })
                          .future()
                          .result();
    QCOMPARE(left, 0);
}

void tst_TaskAttempts::whatItSaidIsBounded()
{
    TestTasks test;
    test.service->addKind(u"work"_s, [](Job &job) {
        for (int i = 1; i <= 2'500; ++i)
            job.log(QString(3'000, u'x') + QString::number(i));
        job.log(u"last"_s);
        return QJsonObject();
    });
    test.service->start();
    const auto id = test.submit(u"work"_s).id;
    QTRY_COMPARE(test.status(id), Status::Completed);
    const auto lines = test.service->log({}, id).result();
    QCOMPARE(lines.size(), 1'000);
    QCOMPARE(lines.first().text.size(), 1'000);
    QCOMPARE(lines.last().line, 2'501);
    QCOMPARE(lines.last().text, u"last"_s);
}

void tst_TaskAttempts::tooLargeAResultIsNotKept()
{
    TestTasks test;
    test.service->addKind(u"work"_s, [](Job &) { return QJsonObject{ { u"a"_s, QString(2 * 1024 * 1024, u'x') } }; });
    test.service->start();
    const auto id = test.submit(u"work"_s).id;
    QTRY_COMPARE(test.status(id), Status::Failed);
    QVERIFY(test.get(id).message.contains(u"1048576 at most are kept"_s));
    QCOMPARE(test.get(id).result, QJsonObject());
}

void tst_TaskAttempts::endedIsForgottenByAgeAndCount()
{
    Gate gate;
    TestTasks test;
    QList<qint64> ids;
    const auto begin = [&](Options options) {
        test.service.emplace(*test.pool, *test.threads, options);
        test.service->addKind(u"work"_s, [](Job &) { return QJsonObject(); });
        test.service->addKind(u"waits"_s, through(gate));
        test.service->start();
    };
    const auto has = [&test](qint64 id) { return !errorFrom([&] { test.get(id); }); };
    begin({});
    for (int i = 0; i < 5; ++i) {
        ids.append(test.submit(u"work"_s).id);
        QTRY_COMPARE(test.status(ids.last()), Status::Completed);
    }
    const auto open = test.submit(u"waits"_s).id;
    begin({ .keep = 3 });
    QTRY_VERIFY(!has(ids[1]));
    QVERIFY(!has(ids[0]) && has(ids[2]) && has(ids[4]) && has(open));
    begin({ .keepFor = 0ms });
    QTRY_VERIFY(!has(ids[4]));
    QVERIFY(!has(ids[2]) && has(open));
    gate.open();
    test.close();
}

QTEST_GUILESS_MAIN(tst_TaskAttempts)
#include "tst_taskattempts.moc"
