// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/charts/plot.h"
#include "monitor/charts/readingchart.h"
#include "monitor/pages/sensorspage.h"
#include "tests/support/fakegodwit.h"

#include <QLabel>
#include <QTest>

#include <cmath>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using charts::ReadingChart;
using models::LiveReadings;
using pages::SensorsPage;
using protocol::SensorSample;
using protocol::SensorSource;
using test::FakeGodwit;

class tst_SensorsPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates)); }
    void init();
    void cleanup();
    void keepsOneOfEachMeasurement();
    void beginsAnewWithAnotherSource();
    void readsHistoryWithItsGaps();
    void saysWhereValuesComeFrom_data();
    void saysWhereValuesComeFrom();
    void asksForTheSeriesOfTheSource();
    void whatNobodyMeasuresHasNoScale();
    void scalesAreRound_data();
    void scalesAreRound();

private:
    void send(const SensorSample &sample);
    QString source() const { return m_page->findChild<QLabel *>(u"source"_s)->text(); }

    std::unique_ptr<FakeGodwit> m_server;
    std::unique_ptr<net::Session> m_session;
    std::unique_ptr<SensorsPage> m_page;
    QList<QPointer<QWebSocket>> m_sockets;
    ManualClock m_clock;
};

static constexpr Timestamp start{ 1'700'000'000s };

void tst_SensorsPage::init()
{
    m_sockets.clear();
    m_server = std::make_unique<FakeGodwit>();
    m_server->onSocket(u"/ws/realtime"_s, [this](QWebSocket &socket) { m_sockets.append(&socket); });
    net::Session::Options options;
    options.server = m_server->url();
    m_session = std::make_unique<net::Session>(options);
    m_page = std::make_unique<SensorsPage>(*m_session, m_clock);
    m_page->resize(900, 700);
    m_page->show();
    QTRY_COMPARE(m_sockets.size(), 1);
}

void tst_SensorsPage::cleanup()
{
    m_page.reset();
    m_session.reset();
    m_server.reset();
}

void tst_SensorsPage::send(const SensorSample &sample)
{
    m_sockets.first()->sendTextMessage(
        QString::fromUtf8(QJsonDocument(sample.toJson()).toJson(QJsonDocument::Compact)));
    QTRY_COMPARE(m_page->live().latest().timestamp, sample.timestamp);
}

void tst_SensorsPage::keepsOneOfEachMeasurement()
{
    LiveReadings live(m_clock);
    QVERIFY(live.isStale());
    SensorSample sample{ .timestamp = start, .temperature = 20, .source = SensorSource::Iio };
    live.add(sample);
    live.add(sample); // told again, not measured again
    QCOMPARE(live.lines(0, start - 1min).average.size(), 1);
    const models::ReadingLines before{ .average = { { start - 2min, 1 }, { start - 2s, 2 }, { start, 3 } } };
    QCOMPARE(live.lines(0, start - 1min, before).average.size(), 2); // neither too old nor told live as well
    QVERIFY(std::isnan(live.lines(1, start - 1min).average[0].value));
    sample.timestamp += 10s;
    live.add(sample);
    QCOMPARE(live.lines(0, start - 1min).average.size(), 3); // with a break between the two
    QVERIFY(!live.isStale());
    m_clock.advance(6s);
    QVERIFY(live.isStale());
    QVERIFY(live.now() == start + 16s);
    sample.timestamp += LiveReadings::kept + 1s;
    live.add(sample);
    QCOMPARE(live.lines(0, start - 1min).average.size(), 1);
}

void tst_SensorsPage::beginsAnewWithAnotherSource()
{
    LiveReadings live(m_clock);
    live.add({ .timestamp = start, .temperature = 20, .source = SensorSource::Simulated });
    live.add({ .timestamp = start + 1s, .temperature = 5, .source = SensorSource::Ingest });
    QCOMPARE(live.lines(0, start).average.size(), 1);
    live.add({ .timestamp = start - 1h, .temperature = 6, .source = SensorSource::Ingest }); // the clock went back
    QCOMPARE(live.lines(0, start - 2h).average.size(), 1);
}

void tst_SensorsPage::readsHistoryWithItsGaps()
{
    const auto item = [](Timestamp at, double value) {
        return QJsonObject{ { u"timestamp"_s, toRfc3339(at) },
                            { u"min"_s, value - 1 },
                            { u"avg"_s, value },
                            { u"max"_s, value + 1 },
                            { u"count"_s, 10 } };
    };
    const auto lines = models::readingLines(
        { { u"step"_s, 10 },
          { u"items"_s, QJsonArray{ item(start, 1), item(start + 10s, 2), item(start + 50s, 3) } } });
    QVERIFY(lines.has_value());
    QCOMPARE(lines->average.size(), 4);
    QVERIFY(std::isnan(lines->least[2].value));
    QCOMPARE(lines->most[3].value, 4.0);
    QVERIFY(!models::readingLines({ { u"step"_s, 10 }, { u"items"_s, QJsonArray{ QJsonObject() } } }));
}

void tst_SensorsPage::saysWhereValuesComeFrom_data()
{
    QTest::addColumn<int>("source");
    QTest::addColumn<QString>("said");
    QTest::newRow("simulated") << int(SensorSource::Simulated) << u"Simulated"_s;
    QTest::newRow("iio") << int(SensorSource::Iio) << u"sensors of the server"_s;
    QTest::newRow("ingest") << int(SensorSource::Ingest) << u"/api/readings"_s;
    QTest::newRow("nothing") << -1 << u"Nothing measures"_s;
}

void tst_SensorsPage::saysWhereValuesComeFrom()
{
    QFETCH(int, source);
    QFETCH(QString, said);
    SensorSample sample{ .timestamp = start, .temperature = 21.25 };
    if (source >= 0)
        sample.source = SensorSource(source);
    send(sample);
    QVERIFY2(this->source().contains(said), qPrintable(this->source()));
    const auto charts = m_page->findChildren<ReadingChart *>();
    QCOMPARE(charts.size(), 3);
    QTRY_VERIFY(charts[0]->valueText().startsWith(u"21."_s));
    QVERIFY(charts[1]->valueText().startsWith(u'\u2013')); // nobody measures it
}

void tst_SensorsPage::asksForTheSeriesOfTheSource()
{
    m_server->on("GET /api/readings/series", [](const test::FakeRequest &, const test::FakeReply &reply) {
        QJsonArray items;
        for (const auto &[name, from] :
             { std::pair(u"iio.a.temperature"_s, u"iio"_s), std::pair(u"simulated.temperature"_s, u"simulated"_s),
               std::pair(u"iio.a.humidity"_s, u"iio"_s) })
            items.append(QJsonObject{ { u"series"_s, name }, { u"source"_s, from } });
        reply.json(QJsonDocument(QJsonObject{ { u"items"_s, items } }));
    });
    QStringList asked;
    m_server->on("GET /api/readings", [&asked](const test::FakeRequest &request, const test::FakeReply &reply) {
        asked.append(request.query.queryItemValue(u"series"_s));
        const QJsonObject item{
            { u"timestamp"_s, toRfc3339(start - 10min) }, { u"min"_s, 1 }, { u"avg"_s, 2 }, { u"max"_s, 3 }
        };
        reply.json(QJsonDocument(QJsonObject{ { u"step"_s, 10 }, { u"items"_s, QJsonArray{ item } } }));
    });
    send({ .timestamp = start, .temperature = 21, .humidity = 40, .source = SensorSource::Iio });
    QTRY_COMPARE(asked.size(), 2); // of the last minutes, before what comes live
    asked.clear();
    m_page->setSpan(1h);
    const auto *plot = m_page->findChildren<ReadingChart *>().first()->findChild<charts::Plot *>();
    QTRY_COMPARE(plot->graph(2)->dataCount(), 1);
    QCOMPARE(asked, (QStringList{ u"iio.a.temperature"_s, u"iio.a.humidity"_s }));
    QCOMPARE(plot->graph(1)->data()->at(0)->value, 1.0);
}

void tst_SensorsPage::whatNobodyMeasuresHasNoScale()
{
    send({ .timestamp = start, .humidity = 0.1, .source = SensorSource::Ingest });
    const auto charts = m_page->findChildren<ReadingChart *>();
    const auto *temperature = charts[0]->findChild<charts::Plot *>();
    const auto *humidity = charts[1]->findChild<charts::Plot *>();
    QTRY_VERIFY(!temperature->yAxis->tickLabels());
    QVERIFY(!temperature->yAxis->grid()->visible());
    QVERIFY(humidity->yAxis->tickLabels());
    QCOMPARE(humidity->yAxis->range().lower, 0.0); // what is never below 0 has no axis below it
}

void tst_SensorsPage::scalesAreRound_data()
{
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("high");
    QTest::addColumn<double>("step");
    QTest::newRow("a room") << 20.9 << 22.4 << 0.5;
    QTest::newRow("flat") << 1013.2 << 1013.2 << 0.2;
    QTest::newRow("a winter's day") << -7.0 << 4.0 << 5.0;
}

void tst_SensorsPage::scalesAreRound()
{
    QFETCH(double, low);
    QFETCH(double, high);
    QFETCH(double, step);
    charts::Plot plot(1);
    plot.setLeastSpan(1);
    plot.setTime(start, start + 10s);
    plot.setLine(0, { { start + 1s, low }, { start + 2s, high } });
    plot.draw();
    const auto ticks = plot.yAxis->tickVector();
    QVERIFY(ticks.size() >= 3);
    QVERIFY2(qAbs(ticks[1] - ticks[0] - step) < 1e-9, qPrintable(QString::number(ticks[1] - ticks[0])));
    QVERIFY(plot.yAxis->range().lower <= low && plot.yAxis->range().upper >= high);
    QCOMPARE(plot.graph(0)->brush().style() != Qt::NoBrush, low >= 0); // else what is above the line would be filled
}

QTEST_MAIN(tst_SensorsPage)
#include "tst_sensorspage.moc"
