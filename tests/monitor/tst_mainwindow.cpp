// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/commandline.h"
#include "monitor/mainwindow.h"
#include "monitor/pages/chatpage.h"
#include "tests/support/fakegodwit.h"

#include <QApplication>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using client::ConnectionState;
using test::FakeGodwit;
using widgets::ConnectionBadge;
using Phase = ConnectionState::Phase;

class tst_MainWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void badgeAlwaysSaysHowItStands();
    void connectionTexts_data();
    void connectionTexts();
    void keysChooseThePage();
    void pauseReachesEveryPage();
    void aHiddenChatTakesNoFocus();
    void anotherServerIsAnotherSession();
    void themeIsRemembered();
    void commandLine_data();
    void commandLine();
    void tokenFile();

private:
    std::unique_ptr<MainWindow> window();

    QTemporaryDir m_folder;
    std::unique_ptr<QSettings> m_store;
    std::unique_ptr<FakeGodwit> m_server;
    std::unique_ptr<widgets::Theme> m_theme;
};

void tst_MainWindow::init()
{
    QVERIFY(m_folder.isValid());
    m_store = std::make_unique<QSettings>(m_folder.filePath(u"settings.ini"_s), QSettings::IniFormat);
    m_store->clear();
    m_server = std::make_unique<FakeGodwit>();
    m_theme = std::make_unique<widgets::Theme>(*qApp);
}

std::unique_ptr<MainWindow> tst_MainWindow::window()
{
    MainWindow::Options options;
    options.session.server = m_server->url();
    options.session.user = u"ada"_s;
    options.session.connection.backoff
        = { .first = 20ms, .maximum = 50ms, .minimum = 10ms, .random = [] { return 1.0; } };
    auto made = std::make_unique<MainWindow>(options, *m_theme, widgets::Settings(*m_store));
    made->show();
    return made;
}

void tst_MainWindow::badgeAlwaysSaysHowItStands()
{
    const auto shown = window();
    auto *badge = shown->findChild<ConnectionBadge *>(u"connectionBadge"_s);
    QTRY_COMPARE(badge->text(), u"Connected"_s);
    for (int i = 0; shown->page(i); ++i) {
        QVERIFY(shown->showPage(shown->page(i)->iconName()));
        QVERIFY(badge->isVisible());
    }
    m_server->stop();
    QTRY_VERIFY(badge->text() != u"Connected"_s);
    QTRY_VERIFY(badge->toolTip().contains(u"Nothing answers"_s));
    m_server->resume();
    QTRY_COMPARE(badge->text(), u"Connected"_s);
}

void tst_MainWindow::connectionTexts_data()
{
    QTest::addColumn<ConnectionState>("state");
    QTest::addColumn<QString>("text");
    const TimePoint now{ 1h };
    QTest::newRow("offline") << ConnectionState{} << u"Offline"_s;
    QTest::newRow("connecting") << ConnectionState{ .phase = Phase::Connecting } << u"Connecting"_s;
    QTest::newRow("online") << ConnectionState{ .phase = Phase::Online } << u"Connected"_s;
    QTest::newRow("waiting") << ConnectionState{ .phase = Phase::Waiting, .until = now + 11'200ms }
                             << u"Retrying in 12 s"_s;
    QTest::newRow("due") << ConnectionState{ .phase = Phase::Waiting, .until = now } << u"Retrying"_s;
    QTest::newRow("ended") << ConnectionState{ .phase = Phase::Ended } << u"Ended"_s;
}

void tst_MainWindow::connectionTexts()
{
    QFETCH(ConnectionState, state);
    QFETCH(QString, text);
    QCOMPARE(widgets::connectionText(state, TimePoint(1h)), text);
}

void tst_MainWindow::keysChooseThePage()
{
    const auto shown = window();
    shown->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(shown.get()));
    for (const int index : { 2, 3, 1, 0 }) {
        QTest::keyClick(shown.get(), static_cast<Qt::Key>(Qt::Key_1 + index), Qt::ControlModifier);
        QCOMPARE(shown->currentPage(), index);
        QVERIFY(shown->windowTitle().startsWith(shown->page(index)->title()));
    }
    QVERIFY(!shown->showPage(u"nonsense"_s));
    QCOMPARE(shown->currentPage(), 0);
}

void tst_MainWindow::aHiddenChatTakesNoFocus()
{
    const auto shown = window();
    QVERIFY(shown->showPage(u"search"_s));
    QWidget *const focus = shown->focusWidget();
    QVERIFY(focus && shown->page(shown->currentPage())->isAncestorOf(focus));
    shown->findChild<pages::ChatPage *>()->chat().showRoom(u"lab"_s); // as when it gets another name
    QCOMPARE(shown->focusWidget(), focus);
    QVERIFY(shown->showPage(u"chat"_s));
    QVERIFY(shown->page(shown->currentPage())->isAncestorOf(shown->focusWidget()));
}

void tst_MainWindow::pauseReachesEveryPage()
{
    const auto shown = window();
    shown->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(shown.get()));
    QTest::keyClick(shown.get(), Qt::Key_P, Qt::ControlModifier);
    for (int i = 0; shown->page(i); ++i)
        QVERIFY(shown->page(i)->isPaused());
    QTest::keyClick(shown.get(), Qt::Key_P, Qt::ControlModifier);
    for (int i = 0; shown->page(i); ++i)
        QVERIFY(!shown->page(i)->isPaused());
}

void tst_MainWindow::anotherServerIsAnotherSession()
{
    FakeGodwit other;
    const auto shown = window();
    QTRY_VERIFY(shown->session().metrics().isOnline());
    shown->connectTo(other.url());
    QCOMPARE(shown->session().server(), other.url());
    QTRY_VERIFY(shown->session().metrics().isOnline());
    QCOMPARE(other.count("/api/metrics/stream"_ba), 1);
    QCOMPARE(shown->findChild<QToolButton *>(u"serverAddress"_s)->text(), other.url().authority());
}

void tst_MainWindow::themeIsRemembered()
{
    const auto shown = window();
    shown->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(shown.get()));
    QTest::keyClick(shown.get(), Qt::Key_T, Qt::ControlModifier);
    QTest::keyClick(shown.get(), Qt::Key_T, Qt::ControlModifier);
    QCOMPARE(widgets::Settings(*m_store).scheme(), widgets::Theme::Scheme::Dark);
    QVERIFY(m_theme->isDark());
    QTest::keyClick(shown.get(), Qt::Key_T, Qt::ControlModifier);
    QCOMPARE(widgets::Settings(*m_store).scheme(), widgets::Theme::Scheme::System);
}

void tst_MainWindow::commandLine_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("fault"); // empty: none
    QTest::newRow("none") << QStringList{} << QString();
    QTest::newRow("all")
        << u"--server http://h:1 --page tasks --theme dark --size 800x600 --scale=1.5 --screenshot f.png --after 0.5"_s
               .split(u' ')
        << QString();
    QTest::newRow("server") << QStringList{ u"--server"_s, u"nonsense"_s } << u"--server"_s;
    QTest::newRow("theme") << QStringList{ u"--theme"_s, u"pink"_s } << u"--theme"_s;
    QTest::newRow("size") << QStringList{ u"--size"_s, u"12"_s } << u"--size"_s;
    QTest::newRow("scale") << QStringList{ u"--scale"_s, u"big"_s } << u"--scale"_s;
    QTest::newRow("after") << QStringList{ u"--after"_s, u"soon"_s } << u"--after"_s;
    QTest::newRow("token") << QStringList{ u"--token"_s, u"/nowhere/at/all"_s } << u"--token"_s;
    QTest::newRow("unknown") << QStringList{ u"--unknown"_s } << u"unknown"_s;
    QTest::newRow("positional") << QStringList{ u"word"_s } << u"word"_s;
}

void tst_MainWindow::commandLine()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, fault);
    const auto line = CommandLine::parse(QStringList{ u"godwit-monitor"_s } + arguments);
    QCOMPARE(line.has_value(), fault.isEmpty());
    if (!line)
        QVERIFY2(line.error().message().contains(fault), qPrintable(line.error().message()));
    else if (!arguments.isEmpty())
        QCOMPARE(line->after, 500ms);
}

void tst_MainWindow::tokenFile()
{
    QFile empty(m_folder.filePath(u"empty"_s));
    QVERIFY(empty.open(QIODevice::WriteOnly));
    QVERIFY(!CommandLine::parse({ u"godwit-monitor"_s, u"--token"_s, empty.fileName() }));
    QFile file(m_folder.filePath(u"token"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("secret\n");
    file.close();
    const auto line = CommandLine::parse({ u"godwit-monitor"_s, u"--token"_s, file.fileName() });
    QVERIFY(line);
    QCOMPARE(line->tokenFile, file.fileName());
}

QTEST_MAIN(tst_MainWindow)
#include "tst_mainwindow.moc"
