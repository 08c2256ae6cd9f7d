// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/pages/schedulesview.h"
#include "monitor/pages/taskspage.h"
#include "tests/support/fakegodwit.h"

#include <QComboBox>
#include <QJsonArray>
#include <QJsonObject>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;

using pages::SchedulesView;
using pages::TasksPage;

class tst_SchedulesView : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates)); }
    void init();
    void cleanup();
    void standsBesideTheTasks();
    void isSwitchedOffAndRemoved();
    void othersThanOperatorsLook();
    void commonExpressionsAreWords_data();
    void commonExpressionsAreWords();

private:
    QPushButton *button(const QString &text) const;
    SchedulesView &view() const { return *m_page->findChild<SchedulesView *>(); }
    QString textAt(int column) const { return view().table()->model()->index(0, column).data().toString(); }

    std::unique_ptr<test::FakeGodwit> m_server;
    std::unique_ptr<net::Session> m_session;
    std::unique_ptr<TasksPage> m_page;
    QJsonObject m_schedule; // empty: none
};

void tst_SchedulesView::init()
{
    m_schedule = { { u"id"_s, 7 },
                   { u"name"_s, u"nightly"_s },
                   { u"cron"_s, u"30 2 * * *"_s },
                   { u"time_zone"_s, u"Europe/Berlin"_s },
                   { u"kind"_s, u"backup"_s },
                   { u"params"_s, QJsonObject{ { u"keep"_s, 3 } } },
                   { u"enabled"_s, true },
                   { u"next_at"_s, u"2026-11-29T01:30:00.000Z"_s },
                   { u"last_at"_s, QJsonValue() },
                   { u"created_by"_s, QJsonObject{ { u"id"_s, 1 }, { u"name"_s, u"ada"_s } } } };
    m_server = std::make_unique<test::FakeGodwit>();
    m_server->on("GET /api/schedules"_ba, [this](const test::FakeRequest &, const test::FakeReply &reply) {
        const QJsonArray items = m_schedule.isEmpty() ? QJsonArray() : QJsonArray{ m_schedule };
        reply.json(QJsonDocument(QJsonObject{ { u"items"_s, items }, { u"next"_s, {} } }));
    });
    m_session = std::make_unique<net::Session>(net::Session::Options{ .server = m_server->url(), .user = u"bob"_s });
    m_page = std::make_unique<TasksPage>(*m_session);
    m_page->resize(1000, 500);
    m_page->show();
    auto *choice = m_page->findChild<QComboBox *>();
    choice->setCurrentIndex(choice->findText(u"Schedules"_s));
}

void tst_SchedulesView::cleanup()
{
    m_page.reset();
    m_session.reset();
    m_server.reset();
}

QPushButton *tst_SchedulesView::button(const QString &text) const
{
    const auto buttons = view().findChildren<QPushButton *>();
    const auto found = std::find_if(buttons.cbegin(), buttons.cend(),
                                    [&text](const QPushButton *each) { return each->text() == text; });
    return found == buttons.cend() ? nullptr : *found;
}

void tst_SchedulesView::standsBesideTheTasks()
{
    QVERIFY(view().isVisible());
    QTRY_VERIFY(view().table()->isVisible());
    QCOMPARE(textAt(0), u"nightly"_s);
    QCOMPARE(textAt(1), u"daily at 02:30 · Europe/Berlin"_s);
    QCOMPARE(textAt(2), u"backup"_s);
    QVERIFY(!textAt(3).isEmpty());
    QCOMPARE(textAt(4), u"–"_s);
    QCOMPARE(textAt(5), u"ada"_s);
    m_page->findChild<QComboBox *>()->setCurrentIndex(0);
    QVERIFY(!view().isVisible());
}

void tst_SchedulesView::isSwitchedOffAndRemoved()
{
    QJsonObject sent;
    m_server->on("PATCH /api/schedules/7"_ba, [&](const test::FakeRequest &request, const test::FakeReply &reply) {
        sent = QJsonDocument::fromJson(request.body).object();
        m_schedule.insert(u"enabled"_s, sent["enabled"_L1]);
        reply.json(QJsonDocument(m_schedule));
    });
    m_server->on("DELETE /api/schedules/7"_ba, [this](const test::FakeRequest &, const test::FakeReply &reply) {
        m_schedule = {};
        reply.json(QJsonDocument(QJsonObject()));
    });
    QTRY_VERIFY(view().table()->isVisible());
    QVERIFY(!button(u"Remove"_s)->isEnabled());
    view().table()->selectRow(0);
    QTest::mouseClick(button(u"Switch off"_s), Qt::LeftButton);
    QTRY_COMPARE(textAt(3), u"Off"_s);
    QCOMPARE(sent, (QJsonObject{ { u"enabled"_s, false } }));
    QVERIFY(button(u"Switch on"_s)); // it is still chosen
    QTest::mouseClick(button(u"Remove"_s), Qt::LeftButton);
    QTRY_VERIFY(!view().table()->isVisible());
}

void tst_SchedulesView::othersThanOperatorsLook()
{
    m_session->credentials().setPrincipal(
        protocol::Principal{ .userId = 7, .name = u"bob"_s, .role = protocol::Role::Member });
    QTRY_VERIFY(view().table()->isVisible());
    view().table()->selectRow(0);
    QVERIFY(!button(u"Remove"_s)->isEnabled());
    QVERIFY(button(u"Remove"_s)->toolTip().contains(u"Needs the role operator"_s));
}

void tst_SchedulesView::commonExpressionsAreWords_data()
{
    QTest::addColumn<QString>("cron");
    QTest::addColumn<QString>("words");
    QTest::newRow("daily") << u"30 2 * * *"_s << u"daily at 02:30"_s;
    QTest::newRow("minutes") << u"*/15 * * * *"_s << u"every 15 minutes"_s;
    QTest::newRow("a day of the week") << u"0 6 * * 1"_s << u"Mon at 06:00"_s;
    QTest::newRow("Sunday is 0 too") << u"0 6 * * 0"_s << u"Sun at 06:00"_s;
    QTest::newRow("by name") << u"0 6 * * mon-fri"_s << u"Mon-fri at 06:00"_s;
    QTest::newRow("a day of the month") << u"0 4 1 * *"_s << u"on day 1 at 04:00"_s;
    for (const QString &other : { u"@daily"_s, u"0 4 1 * 1"_s, u"0 4 1 6 *"_s, u"99 99 * * *"_s, u"1,2 3 * * *"_s })
        QTest::newRow(qPrintable(other)) << other << other;
}

void tst_SchedulesView::commonExpressionsAreWords()
{
    QFETCH(QString, cron);
    QFETCH(QString, words);
    QCOMPARE(pages::cronText(cron), words);
}

QTEST_MAIN(tst_SchedulesView)
#include "tst_schedulesview.moc"
