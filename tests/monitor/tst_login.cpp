// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/chatwindow.h"
#include "monitor/chat/composer.h"
#include "monitor/mainwindow.h"
#include "monitor/pages/starttaskdialog.h"
#include "monitor/pages/taskspage.h"
#include "monitor/widgets/logindialog.h"
#include "tests/support/fakeauth.h"
#include "tests/support/fakegodwit.h"
#include "tests/support/fakekeyring.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using chat::ChatWindow;
using models::ChatModel;
using models::SendState;
using protocol::Role;
using test::FakeAuth;
using test::FakeGodwit;
using widgets::ConnectionBadge;
using widgets::LoginDialog;

/// Both windows before a server that asks for tokens.
class tst_Login : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void theServersQuestionOpensTheDialog();
    void eachPageSaysOnceThatItNeedsALogin();
    void theDialogIsOperatedByKeys();
    void aCancelledDialogComesBackWhenAsked();
    void aThrottledLoginCountsDown();
    void whoMayBeNobodyIsNotAsked();
    void theLocalTokenNeedsNoDialog();
    void theDialogGoesWhenATokenTurnsUp();
    void logoutAndAnotherLogin();
    void anEndedLoginIsSaid();
    void aKeptLoginOutlivesTheProgram();
    void withoutAKeyringNothingIsKept();
    void oneWindowKeepsALogin();
    void theRoleSaysWhatCanBePressed_data();
    void theRoleSaysWhatCanBePressed();
    void aViewerReadsTheChat();
    void whatIsWrittenBeforeTheLoginIsSentAfterIt();
    void whatOneWroteIsNotSentByAnother();

private:
    std::unique_ptr<MainWindow> monitor();
    std::unique_ptr<ChatWindow> chat();
    net::Session::Options session() const;
    static LoginDialog *dialog(const QWidget &window) { return window.findChild<LoginDialog *>(); }
    void logIn(QWidget &window, const QString &user, bool isStaying = false);
    static QString badge(const QWidget &window)
    {
        return window.findChild<ConnectionBadge *>(u"connectionBadge"_s)->text();
    }
    static QString account(const QWidget &window) { return window.findChild<QToolButton *>(u"account"_s)->text(); }
    static QString chatName(const QWidget &window) { return window.findChild<QLabel *>(u"chatName"_s)->text(); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QSettings> m_store;
    std::unique_ptr<widgets::Settings> m_settings;
    std::unique_ptr<FakeGodwit> m_server;
    std::unique_ptr<FakeAuth> m_auth;
    std::unique_ptr<widgets::Theme> m_theme;
    test::FakeKeyring m_keyring;
};

void tst_Login::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_store = std::make_unique<QSettings>(m_folder->filePath(u"settings.ini"_s), QSettings::IniFormat);
    m_settings = std::make_unique<widgets::Settings>(*m_store);
    m_server = std::make_unique<FakeGodwit>();
    m_auth = std::make_unique<FakeAuth>(*m_server);
    m_auth->addUser(u"ada"_s, u"right"_s, Role::Operator);
    m_auth->addUser(u"bob"_s, u"right"_s, Role::Member);
    m_auth->addUser(u"eve"_s, u"right"_s, Role::Viewer);
    m_theme = std::make_unique<widgets::Theme>(*qApp);
    m_keyring = {};
}

void tst_Login::cleanup()
{
    m_server.reset();
    m_auth.reset();
}

net::Session::Options tst_Login::session() const
{
    client::ConnectionOptions connection;
    connection.backoff = { .first = 20ms, .maximum = 50ms, .minimum = 10ms, .random = [] { return 1.0; } };
    return { .server = m_server->url(),
             .daemonFolder = m_folder->filePath(u"daemon"_s),
             .user = u"me"_s,
             .connection = connection };
}

std::unique_ptr<MainWindow> tst_Login::monitor()
{
    MainWindow::Options options;
    options.session = session();
    options.dataFolder = m_folder->filePath(u"monitor"_s);
    options.keyring = &m_keyring;
    auto made = std::make_unique<MainWindow>(options, *m_theme, *m_settings);
    made->show();
    return made;
}

std::unique_ptr<ChatWindow> tst_Login::chat()
{
    ChatWindow::Options options;
    options.session = session();
    options.dataFolder = m_folder->filePath(u"chat"_s);
    options.keyring = &m_keyring;
    auto made = std::make_unique<ChatWindow>(options, *m_settings);
    made->show();
    return made;
}

void tst_Login::logIn(QWidget &window, const QString &user, bool isStaying)
{
    QTRY_VERIFY(dialog(window));
    LoginDialog *const asked = dialog(window);
    QVERIFY(QTest::qWaitForWindowExposed(asked));
    asked->user()->clear();
    QTest::keyClicks(asked->user(), user);
    QTest::keyClicks(asked->password(), u"right"_s);
    asked->findChild<QCheckBox *>(u"stay"_s)->setChecked(isStaying);
    QTest::mouseClick(asked->findChild<QPushButton *>(u"submit"_s), Qt::LeftButton);
    QTRY_VERIFY(!dialog(window));
}

void tst_Login::theServersQuestionOpensTheDialog()
{
    const auto window = monitor();
    QTRY_VERIFY(dialog(*window));
    QCOMPARE(badge(*window), u"Not logged in"_s);
    QCOMPARE(account(*window), u"Not logged in"_s);
    LoginDialog *const asked = dialog(*window);
    QVERIFY(!asked->findChild<QLabel *>(u"reason"_s)->isVisibleTo(asked)); // no more than the title says
    QTest::keyClicks(asked->user(), u"ada"_s);
    QTest::keyClicks(asked->password(), u"wrong"_s);
    QTest::keyClick(asked->password(), Qt::Key_Return);
    auto *problem = asked->findChild<QLabel *>(u"problem"_s);
    QTRY_VERIFY(problem->isVisible());
    QCOMPARE(problem->text(), u"user or password is wrong"_s);
    QCOMPARE(asked->password()->selectedText(), u"wrong"_s); // typing replaces it
    QTest::keyClicks(asked->password(), u"right"_s);
    QTest::keyClick(asked->password(), Qt::Key_Return);
    QTRY_COMPARE(badge(*window), u"Connected"_s);
    QCOMPARE(account(*window), u"ada"_s);
    QVERIFY(m_keyring.secrets.isEmpty());
    QCOMPARE(m_keyring.reads, 0); // nobody is asked to open a keyring for nothing
    QTRY_VERIFY(!dialog(*window));
}

/// Each page in its own words, and none repeats its title.
void tst_Login::eachPageSaysOnceThatItNeedsALogin()
{
    const auto window = monitor();
    QTRY_VERIFY(dialog(*window));
    for (const QString &name : { u"overview"_s, u"tasks"_s, u"sensors"_s }) {
        QVERIFY(window->showPage(name));
        const QWidget *page = window->page(window->currentPage());
        const auto says = [page](const QString &text) {
            const auto labels = page->findChildren<QLabel *>();
            return std::count_if(labels.cbegin(), labels.cend(), [&text](const QLabel *label) {
                return label->isVisible() && label->text().contains(text);
            });
        };
        QTRY_COMPARE(says(u"asks for a login"_s), 1);
        QCOMPARE(says(u"needs a login"_s), 0);
        QCOMPARE(says(u"as soon as you are logged in"_s), 1);
    }
    QVERIFY(window->showPage(u"tasks"_s));
    const auto buttons = window->page(window->currentPage())->findChildren<QPushButton *>();
    const auto start = std::find_if(buttons.cbegin(), buttons.cend(),
                                    [](const QPushButton *each) { return each->property("role") == u"primary"_s; });
    QVERIFY(start != buttons.cend() && !(*start)->isEnabled());
    QVERIFY(!(*start)->toolTip().isEmpty());
}

void tst_Login::theDialogIsOperatedByKeys()
{
    const auto window = monitor();
    QTRY_VERIFY(dialog(*window));
    LoginDialog *const asked = dialog(*window);
    QVERIFY(QTest::qWaitForWindowActive(asked));
    auto *submit = asked->findChild<QPushButton *>(u"submit"_s);
    QVERIFY(asked->user()->hasFocus());
    QVERIFY(!submit->isEnabled());
    QTest::keyClicks(asked->user(), u"ada"_s);
    QVERIFY(!submit->isEnabled());
    QTest::keyClick(asked->user(), Qt::Key_Tab);
    QVERIFY(asked->password()->hasFocus());
    QTest::keyClicks(asked->password(), u"right"_s);
    QVERIFY(submit->isEnabled());
    QTest::keyClick(asked->password(), Qt::Key_Tab);
    QVERIFY(asked->findChild<QCheckBox *>(u"stay"_s)->hasFocus());
    QTest::keyClick(asked, Qt::Key_Escape);
    QTRY_VERIFY(!dialog(*window));
    QCOMPARE(m_auth->logins(), 0);
}

void tst_Login::aCancelledDialogComesBackWhenAsked()
{
    const auto window = monitor();
    QTRY_VERIFY(dialog(*window));
    dialog(*window)->reject();
    QTRY_VERIFY(!dialog(*window));
    const auto asked = m_server->requests().size();
    window->showPage(u"tasks"_s); // whose list is refused
    QTRY_VERIFY(m_server->requests().size() > asked);
    QVERIFY(!dialog(*window));
    QTest::mouseClick(window->findChild<ConnectionBadge *>(u"connectionBadge"_s), Qt::LeftButton);
    logIn(*window, u"ada"_s);
    QTRY_COMPARE(badge(*window), u"Connected"_s);
}

void tst_Login::aThrottledLoginCountsDown()
{
    m_auth->throttle(2s);
    const auto window = monitor();
    QTRY_VERIFY(dialog(*window));
    LoginDialog *const asked = dialog(*window);
    auto *submit = asked->findChild<QPushButton *>(u"submit"_s);
    QTest::keyClicks(asked->user(), u"ada"_s);
    QTest::keyClicks(asked->password(), u"right"_s);
    QTest::mouseClick(submit, Qt::LeftButton);
    QTRY_VERIFY(submit->text().startsWith(u"Try again in "_s));
    QVERIFY(!submit->isEnabled());
    QCOMPARE(asked->findChild<QLabel *>(u"problem"_s)->text(), u"too many attempts"_s);
    const auto sent = m_server->count("/api/auth/login"_ba);
    QTest::keyClick(asked->password(), Qt::Key_Return); // not before the time
    m_auth->throttle(0s);
    QTRY_VERIFY(submit->isEnabled());
    QCOMPARE(m_server->count("/api/auth/login"_ba), sent);
    QTest::mouseClick(submit, Qt::LeftButton);
    QTRY_COMPARE(badge(*window), u"Connected"_s);
}

static void writeLocal(const QString &folder, const QUrl &server, const QByteArray &token)
{
    QDir().mkpath(folder);
    for (const auto &[name, text] :
         { std::pair(u"local-token"_s, token), std::pair(u"godwitd.lock"_s, server.toEncoded()) }) {
        QFile file(QDir(folder).filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }
}

void tst_Login::whoMayBeNobodyIsNotAsked()
{
    m_server->setGate([](const test::FakeRequest &request, const test::FakeReply &reply) {
        if (request.path != "/api/auth/me"_ba)
            return true;
        reply.problem(401, u"this needs a login"_s);
        return false;
    });
    const auto window = monitor();
    QSignalSpy identified(&window->session(), &net::Session::identified);
    QTRY_COMPARE(badge(*window), u"Connected"_s);
    QTRY_VERIFY(identified.count() > 0);
    QVERIFY(window->session().credentials().loginNeededFor().isEmpty());
    QVERIFY(!dialog(*window));
    QCOMPARE(account(*window), u"me"_s);
    QCOMPARE(chatName(*window), QString()); // it stands above
}

void tst_Login::theLocalTokenNeedsNoDialog()
{
    const QByteArray token = "gwl_"_ba + QByteArray(64, 'a');
    writeLocal(session().daemonFolder, m_server->url(), token);
    m_auth->addToken(token, { .userId = 0, .name = u"local"_s, .role = Role::Admin });
    const auto window = monitor();
    QTRY_COMPARE(badge(*window), u"Connected"_s);
    QTRY_VERIFY(window->account().detail().contains(u"admin"_s));
    QCOMPARE(account(*window), u"Local access"_s);
    QCOMPARE(window->session().user(), u"me"_s);
    QCOMPARE(chatName(*window), u"In chat: me"_s);
    QVERIFY(window->account().detail().contains(u"in chat you are me"_s));
    QVERIFY(!dialog(*window));
    QMenu menu;
    window->account().fill(menu);
    QVERIFY(!window->account().isLoggedIn());
    QCOMPARE(menu.actions().last()->text(), u"Log in as another…"_s);
}

void tst_Login::theDialogGoesWhenATokenTurnsUp()
{
    const auto window = monitor();
    QTRY_VERIFY(dialog(*window));
    const QByteArray token = "gwl_"_ba + QByteArray(64, 'a');
    m_auth->addToken(token, { .userId = 0, .name = u"local"_s, .role = Role::Admin });
    writeLocal(session().daemonFolder, m_server->url(), token);
    window->session().metrics().retryNow();
    QTRY_COMPARE(badge(*window), u"Connected"_s);
    QTRY_VERIFY(!dialog(*window));
}

void tst_Login::logoutAndAnotherLogin()
{
    const auto window = monitor();
    logIn(*window, u"ada"_s);
    QTRY_COMPARE(badge(*window), u"Connected"_s);
    window->account().logOut();
    QTRY_COMPARE(badge(*window), u"Not logged in"_s);
    QTRY_VERIFY(!m_auth->isLoggedIn()); // the window does not wait for the server's word
    QVERIFY(!dialog(*window)); // who logs out is not asked to log in
    window->account().askForLogin();
    QTRY_VERIFY(dialog(*window));
    QCOMPARE(dialog(*window)->user()->text(), u"ada"_s);
    logIn(*window, u"bob"_s);
    QTRY_COMPARE(badge(*window), u"Connected"_s);
    QCOMPARE(account(*window), u"bob"_s);
}

void tst_Login::anEndedLoginIsSaid()
{
    const auto window = monitor();
    logIn(*window, u"ada"_s);
    QTRY_COMPARE(badge(*window), u"Connected"_s);
    m_auth->revoke();
    m_server->cutAll();
    QTRY_VERIFY(dialog(*window));
    QStringList texts;
    for (const QLabel *label : dialog(*window)->findChildren<QLabel *>())
        texts.append(label->text());
    QVERIFY2(texts.contains(u"Your login has ended: the login is over"_s), qPrintable(texts.join(u'\n')));
    QVERIFY(dialog(*window)->findChild<QLabel *>(u"reason"_s)->isVisibleTo(dialog(*window)));
    QTRY_COMPARE(badge(*window), u"Not logged in"_s);
}

void tst_Login::aKeptLoginOutlivesTheProgram()
{
    auto window = monitor();
    logIn(*window, u"ada"_s, true);
    QTRY_COMPARE(m_keyring.secrets.size(), 1);
    QTRY_COMPARE(m_keyring.secrets.constBegin().value(), m_auth->refreshToken());
    window.reset();
    QFile settings(m_store->fileName());
    m_store->sync();
    QVERIFY(settings.open(QIODevice::ReadOnly));
    QVERIFY(!settings.readAll().contains(m_auth->refreshToken()));

    window = monitor();
    QTRY_COMPARE(badge(*window), u"Connected"_s);
    QTRY_COMPARE(account(*window), u"ada"_s);
    QCOMPARE(m_auth->logins(), 1);
    QTRY_COMPARE(m_keyring.secrets.constBegin().value(), m_auth->refreshToken()); // the one after the first use
    window->account().logOut();
    QTRY_VERIFY(m_keyring.secrets.isEmpty());
    window.reset();

    window = monitor();
    QTRY_VERIFY(dialog(*window));
}

void tst_Login::withoutAKeyringNothingIsKept()
{
    m_keyring.isThere = false;
    const auto window = monitor();
    QTRY_VERIFY(dialog(*window));
    auto *stay = dialog(*window)->findChild<QCheckBox *>(u"stay"_s);
    auto *about = dialog(*window)->findChild<QLabel *>(u"aboutStay"_s);
    stay->click();
    QTRY_VERIFY(about->isVisible());
    QVERIFY2(about->text().startsWith(u"No keyring answers"_s), qPrintable(about->text()));
    QVERIFY(!stay->isChecked());
    QVERIFY(!stay->isEnabled());
    logIn(*window, u"ada"_s);
    QTRY_COMPARE(badge(*window), u"Connected"_s);
    QVERIFY(m_keyring.secrets.isEmpty());
}

void tst_Login::oneWindowKeepsALogin()
{
    const auto first = monitor();
    logIn(*first, u"ada"_s, true);
    QTRY_COMPARE(m_keyring.secrets.size(), 1);
    const auto second = monitor(); // would use up the first one's refresh token
    QTRY_VERIFY(dialog(*second));
    auto *stay = dialog(*second)->findChild<QCheckBox *>(u"stay"_s);
    stay->click();
    auto *about = dialog(*second)->findChild<QLabel *>(u"aboutStay"_s);
    QTRY_VERIFY(about->isVisible());
    QVERIFY2(about->text().startsWith(u"Another window keeps its login"_s), qPrintable(about->text()));
    logIn(*second, u"bob"_s);
    QTRY_COMPARE(account(*second), u"bob"_s);
    QCOMPARE(m_keyring.secrets.size(), 1);
    QCOMPARE(account(*first), u"ada"_s);
}

void tst_Login::theRoleSaysWhatCanBePressed_data()
{
    QTest::addColumn<QString>("user");
    QTest::addColumn<bool>("mayStart");
    QTest::addColumn<bool>("mayImport");
    QTest::newRow("viewer") << u"eve"_s << false << false;
    QTest::newRow("member") << u"bob"_s << true << false;
    QTest::newRow("operator") << u"ada"_s << true << true;
}

void tst_Login::theRoleSaysWhatCanBePressed()
{
    QFETCH(QString, user);
    QFETCH(bool, mayStart);
    QFETCH(bool, mayImport);
    const auto window = monitor();
    logIn(*window, user);
    window->showPage(u"tasks"_s);
    auto *page = qobject_cast<pages::TasksPage *>(window->page(window->currentPage()));
    QPushButton *start = nullptr;
    for (QPushButton *button : page->findChildren<QPushButton *>()) {
        if (button->property("role") == u"primary"_s)
            start = button;
    }
    QVERIFY(start);
    QCOMPARE(start->isEnabled(), mayStart);
    QCOMPARE(start->toolTip().contains(u"Needs the role member; eve has the role viewer"_s), !mayStart);
    if (!mayStart)
        return;
    page->askToStart();
    const auto *kinds = page->findChild<pages::StartTaskDialog *>()->findChild<QComboBox *>(u"kind"_s);
    const QModelIndex import = kinds->model()->index(0, 0);
    QCOMPARE(import.flags().testFlag(Qt::ItemIsEnabled), mayImport);
    QCOMPARE(import.data(Qt::ToolTipRole).toString(),
             mayImport ? QString() : u"Needs the role operator; bob has the role member"_s);
    QCOMPARE(kinds->currentIndex(), mayImport ? 0 : 1);
}

static void write(ChatWindow &window, const QString &text)
{
    QTest::keyClicks(window.chat().composer()->edit(), text);
    QTest::keyClick(window.chat().composer()->edit(), Qt::Key_Return);
}

void tst_Login::aViewerReadsTheChat()
{
    const auto window = chat();
    logIn(*window, u"eve"_s);
    QTRY_VERIFY(window->chat().composer()->edit()->isReadOnly());
    QVERIFY(window->chat().composer()->edit()->placeholderText().contains(u"Needs the role member"_s));
    write(*window, u"no"_s);
    QCOMPARE(window->chat().rooms().outbox().size(), 0);
    window->account().askForLogin();
    logIn(*window, u"bob"_s);
    QTRY_VERIFY(!window->chat().composer()->edit()->isReadOnly());
}

void tst_Login::whatIsWrittenBeforeTheLoginIsSentAfterIt()
{
    auto window = chat();
    QTRY_VERIFY(dialog(*window));
    write(*window, u"early"_s); // behind the dialog
    QCOMPARE(window->chat().rooms().outbox().size(), 1);
    logIn(*window, u"bob"_s);
    QTRY_COMPARE(m_server->messages().size(), 1);
    QTRY_COMPARE(window->chat().rooms().outbox().size(), 0);
    QCOMPARE(window->chat().rooms().user(), u"bob"_s);
    QCOMPARE(m_server->messages().first().user, u"bob"_s);

    m_auth->revoke();
    m_server->cutAll();
    QTRY_VERIFY(dialog(*window));
    write(*window, u"between"_s);
    logIn(*window, u"bob"_s);
    QTRY_COMPARE(m_server->messages().size(), 2);
    QTRY_COMPARE(window->chat().rooms().outbox().size(), 0);
}

void tst_Login::whatOneWroteIsNotSentByAnother()
{
    auto window = chat();
    logIn(*window, u"bob"_s);
    write(*window, u"by bob"_s);
    QTRY_COMPARE(m_server->messages().size(), 1);
    QTRY_COMPARE(window->chat().rooms().outbox().size(), 0); // else it would be unconfirmed, and kept too
    m_auth->revoke();
    m_server->cutAll();
    QTRY_VERIFY(dialog(*window));
    write(*window, u"also by bob"_s);
    logIn(*window, u"ada"_s);
    QTRY_COMPARE(window->chat().rooms().user(), u"ada"_s);
    write(*window, u"by ada"_s);
    QTRY_COMPARE(m_server->messages().size(), 2);
    QCOMPARE(m_server->messages().last().message, u"by ada"_s);
    QTRY_COMPARE(window->chat().rooms().outbox().size(), 1); // once ada's came back; kept for bob

    window->account().askForLogin();
    logIn(*window, u"bob"_s);
    QTRY_COMPARE(m_server->messages().size(), 3);
    QCOMPARE(m_server->messages().last().message, u"also by bob"_s);
    QCOMPARE(m_server->messages().last().user, u"bob"_s);
}

QTEST_MAIN(tst_Login)
#include "tst_login.moc"
