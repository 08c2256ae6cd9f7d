// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/migrations.h"
#include "server/sensors/service.h"
#include "tests/db/testpool.h"
#include "tests/sensors/fakesysfs.h"

#include <QTest>

using namespace godwit;
using namespace godwit::sensors;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// The parts together: what is measured, what is on disk, what fires.
class tst_SensorService : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void onlyOneSourceIsThePresent();
    void nothingIsMadeUpWhereThatIsOff();
    void historyComesBackWhole();
    void aBatchIsOneTransaction();
    void whatFailsIsWrittenLater();
    void oldRowsGo();
    void alertsFireAndAreResolved();
    void anAlertOutlivesARestart();
    void anAlertOfARuleThatGoesIsResolved();
    void aRuleStaysWhereItWasWhileNothingCanBeStored();
    void rulesAreBounded();

private:
    /// As at the start of a program on the same database.
    Service &make(bool simulate = true)
    {
        m_service.emplace(m_database->pool, m_threads,
                          Options{ .iioRoot = m_files->iioRoot(),
                                   .thermalRoot = {},
                                   .simulate = simulate,
                                   .interval = 1h, // by hand
                                   .flush = 0ms },
                          m_clock);
        return *m_service;
    }
    History &makeHistory()
    {
        m_history.emplace(8, m_clock);
        m_keeper.emplace(m_database->pool, *m_history, m_clock);
        return *m_history;
    }
    Alerts &makeAlerts()
    {
        m_alerts.emplace(m_database->pool, *m_history, 60s, m_clock);
        m_alerts->addListener([this](const Alert &alert) { m_told.append(alert); });
        m_alerts->start();
        return *m_alerts;
    }
    AlertRule addRule(AlertRule rule)
    {
        rule.name = u"rule"_s;
        rule.series = u"a"_s;
        return m_alerts->addRule({}, rule).future().result();
    }
    void measure(double value) { QVERIFY(m_history->add({ .series = u"a"_s, .value = value })); }
    qint64 count(const QString &table)
    {
        return m_database->pool
            .read({},
                  [table](db::Connection &connection) {
                      QSqlQuery &row = connection.execute(QString(u"SELECT count(*) FROM "_s + table));
                      row.next();
                      return row.value(0).toLongLong();
                  })
            .future()
            .result();
    }

    std::optional<test::FakeSysfs> m_files;
    ManualClock m_clock;
    std::optional<db::TestPool> m_database;
    runtime::BlockingPool m_threads;
    std::optional<History> m_history;
    std::optional<Keeper> m_keeper;
    std::optional<Alerts> m_alerts;
    std::optional<Service> m_service;
    QList<Alert> m_told; // written by the writer, read after its answer
};

void tst_SensorService::init()
{
    m_files.emplace();
    m_database.emplace();
    db::migrate(m_database->pool);
    m_told.clear();
}

void tst_SensorService::cleanup()
{
    m_service.reset();
    m_alerts.reset();
    m_keeper.reset();
    m_history.reset();
    m_database.reset();
}

void tst_SensorService::onlyOneSourceIsThePresent()
{
    using protocol::SensorSource;
    Service &service = make();
    service.start();
    QTRY_VERIFY(service.present().source == SensorSource::Simulated); // once it has looked
    QTRY_VERIFY((service.turn(), service.history().find(u"simulated.humidity"_s)));
    QVERIFY(service.history().add({ .series = u"temperature"_s, .value = 5, .at = m_clock.timestamp() - 1h }));
    QVERIFY(service.present().source == SensorSource::Simulated); // that is the past
    QVERIFY(service.history().add({ .series = u"temperature"_s, .value = 19.5 }));
    auto sample = service.present();
    QVERIFY(sample.source == SensorSource::Ingest);
    QCOMPARE(sample.temperature, 19.5);
    QVERIFY(std::isnan(sample.humidity)); // nobody measures it, and it is not made up
    QVERIFY(sample.toJson()["humidity"_L1].isNull());
    m_files->addBme280();
    m_clock.advance(10s);
    QTRY_VERIFY((service.turn(), m_clock.advance(1s), service.present().source == SensorSource::Iio));
    sample = service.present();
    QCOMPARE(sample.temperature, 22.43);
    QCOMPARE(sample.humidity, 45.678);
    QCOMPARE(sample.pressure, 1013.25);
    // The simulator is silent now.
    const auto simulated = service.history().find(u"simulated.humidity"_s)->latest->at;
    m_clock.advance(1s);
    service.turn();
    QVERIFY(service.history().find(u"simulated.humidity"_s)->latest->at == simulated);
}

void tst_SensorService::nothingIsMadeUpWhereThatIsOff()
{
    Service &service = make(false);
    service.start();
    const auto json = service.present().toJson();
    QVERIFY(json["source"_L1].isNull());
    QVERIFY(json["temperature"_L1].isNull());
    QCOMPARE(json["timestamp"_L1].toString(), toRfc3339(m_clock.timestamp()));
}

void tst_SensorService::historyComesBackWhole()
{
    const Timestamp begin = m_clock.timestamp();
    makeHistory();
    m_keeper->turn(0ms);
    for (int i = 0; i < 500; ++i) {
        measure(i);
        m_clock.advance(1s);
        if (i % 100 == 0)
            m_keeper->turn(0ms);
    }
    m_keeper->flush();
    std::vector<std::vector<Series::Point>> before;
    const auto readAll = [&] {
        std::vector<std::vector<Series::Point>> all;
        for (const auto step : { 1s, 10s, 60s })
            all.push_back(m_history->read(u"a"_s, begin - 1min, m_clock.timestamp(), step)->points);
        return all;
    };
    before = readAll();
    makeHistory();
    measure(7); // before what is on disk has been read
    m_keeper->turn(0ms);
    QVERIFY(m_keeper->figures().isLoaded);
    auto after = readAll();
    QCOMPARE(after[0].size(), 500);
    // The one that came meanwhile is at the end of all.
    const Timestamp now = m_clock.timestamp();
    QCOMPARE(m_history->read(u"a"_s, now, now + 1s, 1s)->points.at(0).rollup.max, 7.0);
    for (size_t i = 0; i < before[0].size(); ++i) {
        QVERIFY(after[0][i].at == before[0][i].at);
        QCOMPARE(after[0][i].rollup.sum, before[0][i].rollup.sum);
    }
    // And once more: the bucket that was on disk and in memory is the sum of both.
    m_keeper->flush();
    makeHistory();
    m_keeper->turn(0ms);
    QCOMPARE(m_history->find(u"a"_s)->series.unit, QString());
    const auto last = m_history->read(u"a"_s, begin, now + 1s, 60s)->points;
    quint32 readings = 0;
    for (const auto &point : last)
        readings += point.rollup.count;
    QCOMPARE(readings, 501u);
}

void tst_SensorService::aBatchIsOneTransaction()
{
    makeHistory();
    m_keeper->turn(0ms);
    const auto commits = m_database->pool.figures().commits;
    for (int i = 0; i < 100; ++i) {
        measure(i);
        m_clock.advance(1s);
    }
    m_keeper->flush();
    QCOMPARE(m_database->pool.figures().commits, commits + 1);
    QCOMPARE(m_keeper->figures().batches, 1);
    QVERIFY(count(u"sensor_rollups"_s) >= 100);
    m_keeper->flush(); // nothing has changed
    QCOMPARE(m_database->pool.figures().commits, commits + 1);
}

void tst_SensorService::whatFailsIsWrittenLater()
{
    makeHistory();
    m_keeper->turn(0ms);
    measure(1);
    m_database->pool
        .write({},
               [](db::Connection &connection) {
                   connection.executeScript(u"ALTER TABLE sensor_rollups RENAME TO elsewhere");
               })
        .future()
        .waitForFinished();
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"the history of the sensors does not reach the disk: .*"_s));
    m_keeper->flush();
    QCOMPARE(m_keeper->figures().failures, 1);
    measure(2);
    m_database->pool
        .write({},
               [](db::Connection &connection) {
                   connection.executeScript(u"ALTER TABLE elsewhere RENAME TO sensor_rollups");
               })
        .future()
        .waitForFinished();
    m_keeper->flush();
    makeHistory();
    m_keeper->turn(0ms);
    const Timestamp now = m_clock.timestamp();
    QCOMPARE(m_history->read(u"a"_s, now, now + 1s, 1s)->points.at(0).rollup.count, 2u);
}

void tst_SensorService::oldRowsGo()
{
    makeHistory();
    m_keeper->turn(0ms);
    measure(1);
    m_keeper->flush();
    QCOMPARE(count(u"sensor_rollups"_s), 3);
    m_clock.advance(2h);
    m_keeper->turn(0ms);
    QCOMPARE(count(u"sensor_rollups"_s), 2);
    m_clock.advance(24h * 40);
    m_keeper->turn(0ms);
    QCOMPARE(count(u"sensor_rollups"_s), 0);
    QCOMPARE(count(u"sensor_series"_s), 0);
    QCOMPARE(m_history->size(), 0);
}

void tst_SensorService::alertsFireAndAreResolved()
{
    makeHistory();
    makeAlerts();
    const AlertRule rule = addRule({ .threshold = 30, .hysteresis = 2, .holdFor = 5s });
    measure(31);
    m_alerts->turn();
    QVERIFY(m_alerts->rules().at(0).state == AlertMachine::State::Pending);
    m_clock.advance(5s);
    measure(32);
    m_alerts->turn();
    QVERIFY(m_alerts->rules().at(0).state == AlertMachine::State::Firing);
    QCOMPARE(m_told.size(), 1);
    QVERIFY(m_told[0].isFiring());
    QCOMPARE(m_told[0].ruleId, rule.id);
    QCOMPARE(m_told[0].value, std::optional(32.0));
    m_alerts->turn(); // once
    QCOMPARE(m_alerts->alerts({}, { .isFiring = true }).future().result().size(), 1);
    measure(28);
    m_alerts->turn();
    QCOMPARE(m_told.size(), 2);
    QCOMPARE(m_told[1].resolvedAt, std::optional(m_clock.timestamp()));
    QVERIFY(m_alerts->alerts({}, { .isFiring = true }).future().result().isEmpty());
    QCOMPARE(m_alerts->alerts({}, { .isFiring = false }).future().result().size(), 1);
    m_clock.advance(24h * 91);
    m_alerts->turn(); // the past is kept for so long
    QVERIFY(m_alerts->alerts({}, {}).future().result().isEmpty());
}

void tst_SensorService::anAlertOutlivesARestart()
{
    makeHistory();
    makeAlerts();
    addRule({ .condition = AlertRule::Condition::NoData, .holdFor = 30s });
    m_clock.advance(29s);
    m_alerts->turn();
    QVERIFY(m_told.isEmpty());
    m_clock.advance(1s);
    m_alerts->turn();
    QCOMPARE(m_told.size(), 1);
    QVERIFY(!m_told[0].value);
    makeHistory();
    makeAlerts();
    QVERIFY(m_alerts->rules().at(0).state == AlertMachine::State::Firing);
    measure(1);
    m_alerts->turn();
    QCOMPARE(m_told.size(), 2);
    QCOMPARE(m_told[1].id, m_told[0].id);
    QVERIFY(!m_told[1].isFiring());
}

void tst_SensorService::anAlertOfARuleThatGoesIsResolved()
{
    makeHistory();
    makeAlerts();
    const AlertRule rule = addRule({ .threshold = 30 });
    measure(31);
    m_alerts->turn();
    const auto resolved = m_alerts->removeRule({}, rule.id).future().result();
    QVERIFY(resolved && !resolved->isFiring());
    QCOMPARE(m_told.size(), 2);
    QVERIFY(m_alerts->rules().isEmpty());
    m_alerts->turn();
    QCOMPARE(m_told.size(), 2);
    const auto error = db::errorOf(m_alerts->removeRule({}, rule.id).future());
    QVERIFY(error && error->code() == Error::Code::NotFound);
}

void tst_SensorService::aRuleStaysWhereItWasWhileNothingCanBeStored()
{
    makeHistory();
    makeAlerts();
    addRule({ .threshold = 30 });
    measure(31);
    const auto rename = [this](const QString &sql) {
        m_database->pool.write({}, [sql](db::Connection &connection) { connection.executeScript(sql); })
            .future()
            .waitForFinished();
    };
    rename(u"ALTER TABLE alerts RENAME TO elsewhere"_s);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"alerts are not stored: .*"_s));
    m_alerts->turn();
    QVERIFY(m_alerts->rules().at(0).state == AlertMachine::State::Ok);
    QVERIFY(m_told.isEmpty());
    rename(u"ALTER TABLE elsewhere RENAME TO alerts"_s);
    m_alerts->turn();
    QVERIFY(m_alerts->rules().at(0).state == AlertMachine::State::Firing);
    QCOMPARE(m_told.size(), 1);
}

void tst_SensorService::rulesAreBounded()
{
    makeHistory();
    makeAlerts();
    for (int i = 0; i < store::mostRules; ++i)
        addRule({ .threshold = 30 });
    const auto error = db::errorOf(m_alerts->addRule({}, AlertRule{ .name = u"x"_s, .series = u"a"_s }).future());
    QVERIFY(error && error->code() == Error::Code::Conflict);
}

QTEST_GUILESS_MAIN(tst_SensorService)
#include "tst_sensorservice.moc"
