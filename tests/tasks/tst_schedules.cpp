// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/tasks/schedules.h"
#include "tests/tasks/testtasks.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::tasks;
using protocol::NewSchedule;
using protocol::Schedule;

class tst_Schedules : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_test.emplace(); }
    void cleanup() { m_test.reset(); }
    void submitsWhenItsTimeHasCome();
    void survivesARestart();
    void missedIsLeftOutOrMadeUpForOnce_data();
    void missedIsLeftOutOrMadeUpForOnce();
    void overlapIsLeftOutOrWaits_data();
    void overlapIsLeftOutOrWaits();
    void failedCommitSubmitsNothing();
    void offDoesNotCome();
    void changeSetsTheNextTime();
    void wrongIsRefused_data();
    void wrongIsRefused();
    void thereAreOnlySoMany();
    void needsTheKindsRole();
    void looksByItself();

private:
    /// An hour that has begun just now, in UTC.
    struct Test
    {
        Test() { open(); }
        ~Test() { close(); }
        void open()
        {
            tasks.open();
            tasks.service->addKind(u"work"_s, through(gate), { .concurrency = 10 });
            tasks.service->start();
            schedules.emplace(*tasks.pool, *tasks.service, clock);
        }
        void close()
        {
            schedules.reset();
            tasks.close();
        }
        Schedule create(NewSchedule what)
        {
            return schedules->create({}, std::move(what), Service::theServer()).result();
        }
        qint64 submitDue() { return schedules->submitDue().result(); }
        Schedule get(qint64 id) { return schedules->get({}, id).result(); }
        qsizetype taskCount() { return tasks.service->list({}, {}).result().items.size(); }

        ManualClock clock;
        Gate gate;
        TestTasks tasks{ TestTasks::Closed };
        std::optional<Schedules> schedules;
    };
    static NewSchedule hourly()
    {
        return {
            .name = u"hourly"_s, .cron = u"@hourly"_s, .timeZone = u"UTC"_s, .task = { .kind = u"work"_s, .params = {} }
        };
    }
    std::optional<Test> m_test;
};

void tst_Schedules::submitsWhenItsTimeHasCome()
{
    NewSchedule what = hourly();
    what.task.params = { { u"a"_s, 1 } };
    what.task.priority = 7;
    m_test->gate.open();
    const Schedule made = m_test->create(what);
    QCOMPARE(*made.nextAt - m_test->clock.timestamp(), 1h);
    QCOMPARE(m_test->submitDue(), 0);
    m_test->clock.advance(1h);
    QCOMPARE(m_test->submitDue(), 1);
    QCOMPARE(m_test->submitDue(), 0);
    const Schedule after = m_test->get(made.id);
    QCOMPARE(*after.nextAt - m_test->clock.timestamp(), 1h);
    QCOMPARE(*after.lastAt, m_test->clock.timestamp());
    const auto task = m_test->tasks.get(*after.lastTaskId);
    QCOMPARE(task.params, what.task.params);
    QCOMPARE(task.priority, 7);
    QCOMPARE(task.scheduleId, made.id);
    QTRY_COMPARE(m_test->tasks.status(task.id), Status::Completed);
}

void tst_Schedules::survivesARestart()
{
    const qint64 id = m_test->create(hourly()).id;
    const auto next = m_test->get(id).nextAt;
    m_test->close();
    m_test->open();
    QCOMPARE(m_test->get(id).nextAt, next);
    m_test->schedules->start();
    QCOMPARE(m_test->schedules->known().size(), 1);
    m_test->clock.advance(1h);
    m_test->gate.open();
    QCOMPARE(m_test->submitDue() + m_test->taskCount(), 2); // by us or by its timer, and once
}

void tst_Schedules::missedIsLeftOutOrMadeUpForOnce_data()
{
    QTest::addColumn<bool>("catchesUp");
    QTest::addColumn<int>("minutesLate");
    QTest::addColumn<int>("submitted");
    QTest::newRow("skip") << false << 5 * 60 << 0;
    QTest::newRow("catch up") << true << 5 * 60 << 1;
    QTest::newRow("a little late is not missed") << false << 1 << 1;
}

void tst_Schedules::missedIsLeftOutOrMadeUpForOnce()
{
    QFETCH(bool, catchesUp);
    QFETCH(int, minutesLate);
    QFETCH(int, submitted);
    NewSchedule what = hourly();
    what.catchesUp = catchesUp;
    const qint64 id = m_test->create(what).id;
    m_test->close();
    m_test->clock.advance(1h + std::chrono::minutes(minutesLate));
    m_test->open();
    QCOMPARE(m_test->submitDue(), submitted);
    QCOMPARE(m_test->submitDue(), 0);
    QCOMPARE(m_test->taskCount(), submitted);
    QVERIFY(*m_test->get(id).nextAt > m_test->clock.timestamp());
    QVERIFY(*m_test->get(id).nextAt <= m_test->clock.timestamp() + 1h);
}

void tst_Schedules::overlapIsLeftOutOrWaits_data()
{
    QTest::addColumn<bool>("waits");
    QTest::newRow("skip") << false;
    QTest::newRow("queue") << true;
}

void tst_Schedules::overlapIsLeftOutOrWaits()
{
    QFETCH(bool, waits);
    NewSchedule what = hourly();
    what.overlap = waits ? NewSchedule::Overlap::Queue : NewSchedule::Overlap::Skip;
    const qint64 id = m_test->create(what).id;
    m_test->clock.advance(1h);
    QCOMPARE(m_test->submitDue(), 1);
    QTRY_COMPARE(m_test->gate.arrived(), 1); // and runs
    m_test->clock.advance(1h);
    QCOMPARE(m_test->submitDue(), waits ? 1 : 0);
    QVERIFY(*m_test->get(id).nextAt > m_test->clock.timestamp());
    m_test->gate.open();
    for (qint64 task = 1; task <= m_test->taskCount(); ++task)
        QTRY_COMPARE(m_test->tasks.status(task), Status::Completed);
    m_test->clock.advance(1h);
    QCOMPARE(m_test->submitDue(), 1);
}

/// What a crash between the two would leave: neither the task nor the next time.
void tst_Schedules::failedCommitSubmitsNothing()
{
    const qint64 id = m_test->create(hourly()).id;
    const auto run = [this](const QString &sql) {
        m_test->tasks.pool->write({}, [sql](db::Connection &c) { c.executeScript(sql); }).future().waitForFinished();
    };
    run(u"CREATE TRIGGER refusal BEFORE UPDATE OF last_at ON schedules BEGIN SELECT json('not JSON'); END"_s);
    m_test->clock.advance(1h);
    QVERIFY(errorFrom([this] { m_test->submitDue(); }));
    QCOMPARE(m_test->taskCount(), 0);
    QCOMPARE(*m_test->get(id).nextAt, m_test->clock.timestamp());
    run(u"DROP TRIGGER refusal"_s);
    QCOMPARE(m_test->submitDue(), 1);
    QCOMPARE(m_test->taskCount(), 1);
}

void tst_Schedules::offDoesNotCome()
{
    NewSchedule what = hourly();
    what.isEnabled = false;
    const qint64 id = m_test->create(what).id;
    QVERIFY(!m_test->get(id).nextAt);
    m_test->clock.advance(1h);
    QCOMPARE(m_test->submitDue(), 0);
    m_test->schedules->change({}, id, { { u"enabled"_s, true } }, Service::theServer()).result();
    QCOMPARE(m_test->submitDue(), 0); // from now on
    m_test->clock.advance(1h);
    QCOMPARE(m_test->submitDue(), 1);
    QCOMPARE(m_test->schedules->remove({}, id).result(), id);
    m_test->clock.advance(1h);
    QCOMPARE(m_test->submitDue(), 0);
    QCOMPARE(errorFrom([this, id] { m_test->schedules->remove({}, id).result(); }), Error::Code::NotFound);
}

void tst_Schedules::changeSetsTheNextTime()
{
    const Schedule made = m_test->create(hourly());
    const auto change = [&](const QJsonObject &patch) {
        return m_test->schedules->change({}, made.id, patch, Service::theServer()).result();
    };
    m_test->clock.advance(10min);
    QCOMPARE(change({ { u"name"_s, u"other"_s } }).nextAt, made.nextAt);
    const Schedule daily = change({ { u"cron"_s, u"0 3 * * *"_s }, { u"time_zone"_s, u"Asia/Kolkata"_s } });
    QCOMPARE(daily.what.name, u"other"_s);
    QCOMPARE(*daily.nextAt - (m_test->clock.timestamp() - 10min), 21h + 30min);
    QCOMPARE(errorFrom([&] { change({ { u"cron"_s, u"never"_s } }); }), Error::Code::FailedValidation);
    QCOMPARE(m_test->get(made.id).nextAt, daily.nextAt);
}

void tst_Schedules::wrongIsRefused_data()
{
    QTest::addColumn<QJsonObject>("changed");
    QTest::newRow("cron") << QJsonObject{ { u"cron"_s, u"* * *"_s } };
    QTest::newRow("never") << QJsonObject{ { u"cron"_s, u"0 0 30 2 *"_s } };
    QTest::newRow("time zone") << QJsonObject{ { u"time_zone"_s, u"Europe/Nowhere"_s } };
    QTest::newRow("kind") << QJsonObject{ { u"kind"_s, u"other"_s } };
    QTest::newRow("name") << QJsonObject{ { u"name"_s, u" "_s } };
    QTest::newRow("overlap") << QJsonObject{ { u"overlap"_s, u"often"_s } };
    QTest::newRow("enabled") << QJsonObject{ { u"enabled"_s, 1 } };
}

void tst_Schedules::wrongIsRefused()
{
    QFETCH(QJsonObject, changed);
    const auto refused = errorFrom([&] { m_test->create(orThrow(hourly().changedBy(changed))); });
    QCOMPARE(refused, Error::Code::FailedValidation);
    QCOMPARE(m_test->schedules->list({}).result().size(), 0);
}

void tst_Schedules::thereAreOnlySoMany()
{
    m_test->tasks.pool
        ->write({},
                [](db::Connection &c) {
                    c.execute(
                        u"WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
                        "INSERT INTO schedules (name, cron, time_zone, kind, params, priority, enabled, catch_up, "
                        "overlap, created_at, created_by, created_by_name) "
                        "SELECT 'x', '@daily', 'UTC', 'work', '{}', 0, 0, 0, 'skip', 1, 0, '' FROM n");
                    return true;
                })
        .future()
        .result();
    const auto last = m_test->create(hourly());
    QCOMPARE(errorFrom([&] { m_test->create(hourly()); }), Error::Code::Conflict);
    m_test->schedules->remove({}, last.id).waitForFinished();
    m_test->create(hourly());
}

void tst_Schedules::needsTheKindsRole()
{
    const protocol::Principal member{ .userId = 5, .name = u"ada"_s, .role = protocol::Role::Member };
    QCOMPARE(errorFrom([&] { m_test->schedules->create({}, hourly(), member).result(); }),
             Error::Code::PermissionDenied);
}

void tst_Schedules::looksByItself()
{
    m_test->gate.open();
    m_test->create(hourly());
    m_test->schedules->start();
    m_test->clock.advance(1h);
    QTRY_COMPARE(m_test->taskCount(), 1);
    QTRY_COMPARE(m_test->tasks.status(1), Status::Completed);
}

QTEST_GUILESS_MAIN(tst_Schedules)
#include "tst_schedules.moc"
