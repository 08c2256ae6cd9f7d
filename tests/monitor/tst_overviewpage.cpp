// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/charts/plot.h"
#include "monitor/charts/tile.h"
#include "monitor/charts/timechart.h"
#include "monitor/pages/overviewpage.h"
#include "tests/support/fakegodwit.h"

#include <QLabel>
#include <QLocale>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using charts::Tile;
using charts::TimeChart;
using pages::OverviewPage;
using test::FakeGodwit;

class tst_OverviewPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates)); }
    void init();
    void cleanup();
    void showsWhatIsThere();
    void saysWhyThereIsNothing();
    void drawsAtMostTenTimesASecond();
    void drawsNothingWhileHidden();
    void pauseHoldsThePictureAndCollects();
    void oldFiguresAreGrey();
    void gapsAreDrawn();
    void crosshairShowsItsValues();
    void keysChangeTheTime();
    void garbageIsIgnored();

private:
    void sendSamples(int from, int to);
    void settle();
    Tile *tile(const QString &name) const;
    TimeChart *chart(const QString &title) const;
    int pictures() const { return m_pictures; }

    std::unique_ptr<FakeGodwit> m_server;
    std::unique_ptr<net::Session> m_session;
    std::unique_ptr<OverviewPage> m_page;
    ManualClock m_clock;
    int m_pictures = 0;
};

static constexpr Timestamp start{ 1'700'000'000s };

void tst_OverviewPage::init()
{
    m_pictures = 0;
    m_server = std::make_unique<FakeGodwit>();
    net::Session::Options options;
    options.server = m_server->url();
    options.connection.backoff = { .first = 20ms, .maximum = 50ms, .minimum = 10ms, .random = [] { return 1.0; } };
    m_session = std::make_unique<net::Session>(options);
    m_page = std::make_unique<OverviewPage>(*m_session, m_clock);
    m_page->resize(1000, 720);
    m_page->show();
    connect(chart(u"Latency"_s)->findChild<charts::Plot *>(), &QCustomPlot::afterReplot, this,
            [this] { ++m_pictures; });
    m_session->metrics().start();
    QTRY_VERIFY(m_session->metrics().isOnline());
}

void tst_OverviewPage::cleanup()
{
    m_page.reset();
    m_session.reset();
    m_server.reset();
}

void tst_OverviewPage::sendSamples(int from, int to)
{
    const qsizetype before = m_page->history().size();
    for (int i = from; i < to; ++i)
        m_server->sendSample(FakeGodwit::sampleAt(start + std::chrono::seconds(i), i));
    QTRY_COMPARE(m_page->history().size(), before + to - from);
}

/// The first figures lay the page out, which draws too: waits until nothing draws any more.
void tst_OverviewPage::settle()
{
    QSignalSpy drawn(chart(u"Latency"_s)->findChild<charts::Plot *>(), &QCustomPlot::afterReplot);
    while (drawn.wait(200)) { }
}

Tile *tst_OverviewPage::tile(const QString &name) const
{
    const auto tiles = m_page->findChildren<Tile *>();
    const auto found
        = std::find_if(tiles.begin(), tiles.end(), [&name](const Tile *one) { return one->accessibleName() == name; });
    return found == tiles.end() ? nullptr : *found;
}

TimeChart *tst_OverviewPage::chart(const QString &title) const
{
    const auto charts = m_page->findChildren<TimeChart *>();
    const auto found = std::find_if(charts.begin(), charts.end(),
                                    [&title](const TimeChart *one) { return one->accessibleName() == title; });
    return found == charts.end() ? nullptr : *found;
}

void tst_OverviewPage::showsWhatIsThere()
{
    sendSamples(0, 30);
    const auto last = m_page->history().latest();
    QTRY_COMPARE(tile(u"Processor"_s)->valueText(), models::format(last.cpuUsage, models::Quantity::Percent).text());
    QCOMPARE(tile(u"Latency p99"_s)->valueText(), models::format(last.p99Ms, models::Quantity::Milliseconds).text());
    QCOMPARE(chart(u"Latency"_s)->valueText(1), models::format(last.p99Ms, models::Quantity::Milliseconds).text());
    const auto *table = m_page->findChild<QTableView *>();
    QCOMPARE(table->model()->rowCount(), last.routes.size());
    QCOMPARE(table->model()->index(0, 0).data().toString(), u"GET /api/search"_s);
    QCOMPARE(chart(u"Latency"_s)->findChild<charts::Plot *>()->graph(1)->dataCount(), 30);
}

void tst_OverviewPage::saysWhyThereIsNothing()
{
    const auto shown = [this] {
        QStringList texts;
        const auto labels = m_page->findChildren<QLabel *>();
        for (const QLabel *label : labels) {
            if (label->isVisible())
                texts += label->text();
        }
        return texts.join(u'\n');
    };
    QVERIFY(shown().contains(u"Connected to 127.0.0.1"_s));
    m_server->stop();
    QTRY_VERIFY(shown().contains(u"No connection to 127.0.0.1"_s));
    QTRY_VERIFY(shown().contains(u"Nothing answers at"_s));
}

void tst_OverviewPage::drawsAtMostTenTimesASecond()
{
    sendSamples(0, 1);
    QTRY_VERIFY(pictures() > 0);
    settle();
    const int before = pictures();
    QElapsedTimer timer;
    timer.start();
    sendSamples(1, 200);
    QTRY_VERIFY(pictures() > before);
    QVERIFY2(pictures() - before <= timer.elapsed() / 100 + 2, qPrintable(QString::number(pictures() - before)));
}

void tst_OverviewPage::drawsNothingWhileHidden()
{
    sendSamples(0, 5);
    QTRY_VERIFY(pictures() > 0);
    settle();
    m_page->hide();
    const int before = pictures();
    sendSamples(5, 20);
    QSignalSpy drawn(chart(u"Latency"_s)->findChild<charts::Plot *>(), &QCustomPlot::afterReplot);
    QVERIFY(!drawn.wait(300));
    QCOMPARE(pictures(), before);
    m_page->show();
    QTRY_VERIFY(pictures() > before);
    QTRY_COMPARE(chart(u"Latency"_s)->findChild<charts::Plot *>()->graph(1)->dataCount(), 20);
}

void tst_OverviewPage::pauseHoldsThePictureAndCollects()
{
    sendSamples(0, 10);
    QTRY_VERIFY(tile(u"Processor"_s)->valueText() != u"\u2013"_s);
    m_page->setPaused(true);
    const auto *plot = chart(u"Latency"_s)->findChild<charts::Plot *>();
    const double edge = plot->xAxis->range().upper;
    const QString value = tile(u"Requests"_s)->valueText();
    const int before = pictures();
    sendSamples(10, 40);
    QTRY_VERIFY(pictures() > before);
    QCOMPARE(plot->xAxis->range().upper, edge);
    QCOMPARE(tile(u"Requests"_s)->valueText(), value);
    QCOMPARE(m_page->history().size(), 40);
    m_page->setPaused(false);
    QTRY_VERIFY(plot->xAxis->range().upper > edge);
    QVERIFY(tile(u"Requests"_s)->valueText() != value);
}

void tst_OverviewPage::oldFiguresAreGrey()
{
    QSignalSpy stale(m_page.get(), &OverviewPage::staleChanged);
    sendSamples(0, 3);
    QTRY_VERIFY(tile(u"Processor"_s)->isEnabled());
    QTRY_COMPARE(stale.count(), 1);
    m_clock.advance(4s);
    QTRY_VERIFY(!tile(u"Processor"_s)->isEnabled());
    QCOMPARE(stale.last().first().toBool(), true);
    sendSamples(7, 8);
    QTRY_VERIFY(tile(u"Processor"_s)->isEnabled());
    QCOMPARE(stale.last().first().toBool(), false);
}

void tst_OverviewPage::gapsAreDrawn()
{
    sendSamples(0, 60);
    sendSamples(150, 230);
    auto *plot = chart(u"Latency"_s)->findChild<charts::Plot *>();
    const auto areas = [plot] {
        int visible = 0;
        for (int i = 0; i < plot->itemCount(); ++i)
            visible += qobject_cast<QCPItemRect *>(plot->item(i)) && plot->item(i)->visible() ? 1 : 0;
        return visible;
    };
    QTRY_COMPARE(areas(), 1);
    QStringList texts;
    for (int i = 0; i < plot->itemCount(); ++i) {
        if (auto *text = qobject_cast<QCPItemText *>(plot->item(i)); text && text->visible())
            texts += text->text();
    }
    QCOMPARE(texts.size(), 1);
    QVERIFY2(texts.first().startsWith(u"no data"_s), qPrintable(texts.first()));
    m_page->setSpan(1min); // the gap is out of sight
    QTRY_COMPARE(areas(), 0);
}

void tst_OverviewPage::crosshairShowsItsValues()
{
    sendSamples(0, 60);
    m_page->setSpan(1min);
    auto *plot = chart(u"Latency"_s)->findChild<charts::Plot *>();
    const Timestamp at = start + 30s;
    Q_EMIT plot->hovered(at);
    const auto then = FakeGodwit::sampleAt(at, 30);
    QTRY_COMPARE(chart(u"Latency"_s)->valueText(0), models::format(then.p50Ms, models::Quantity::Milliseconds).text());
    // in all charts at once
    QCOMPARE(chart(u"Requests"_s)->valueText(0), models::format(then.requestsPerSecond, models::Quantity::Rate).text());
    Q_EMIT plot->hovered({});
    const auto now = m_page->history().latest();
    QTRY_COMPARE(chart(u"Latency"_s)->valueText(0), models::format(now.p50Ms, models::Quantity::Milliseconds).text());
}

void tst_OverviewPage::keysChangeTheTime()
{
    m_page->activateWindow();
    QCOMPARE(m_page->span(), 5min);
    QTest::keyClick(m_page.get(), Qt::Key_BracketRight, Qt::ControlModifier);
    QCOMPARE(m_page->span(), 15min);
    QTest::keyClick(m_page.get(), Qt::Key_BracketRight, Qt::ControlModifier);
    QCOMPARE(m_page->span(), 15min);
    QTest::keyClick(m_page.get(), Qt::Key_BracketLeft, Qt::ControlModifier);
    QTest::keyClick(m_page.get(), Qt::Key_BracketLeft, Qt::ControlModifier);
    QCOMPARE(m_page->span(), 1min);
}

void tst_OverviewPage::garbageIsIgnored()
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"a sample could not be read"_s));
    Q_EMIT m_session->metrics().received({ .event = "metrics"_ba, .data = "{nonsense"_ba, .id = {}, .retry = {} });
    Q_EMIT m_session->metrics().received({ .event = "other"_ba, .data = "{}"_ba, .id = {}, .retry = {} });
    QVERIFY(m_page->history().isEmpty());
}

QTEST_MAIN(tst_OverviewPage)
#include "tst_overviewpage.moc"
