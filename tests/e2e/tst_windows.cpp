// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/chatwindow.h"
#include "monitor/chat/composer.h"
#include "monitor/mainwindow.h"
#include "monitor/pages/chatpage.h"
#include "monitor/pages/overviewpage.h"
#include "monitor/pages/searchpage.h"
#include "monitor/pages/starttaskdialog.h"
#include "monitor/pages/taskspage.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QProcess>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;

using chat::ChatWindow;
using models::ChatModel;
using models::SendState;
using protocol::TaskStatus;

static constexpr int patience = 20'000; // ms, for a loaded machine

/// The godwitd that was built, with a folder of its own.
class Daemon
{
public:
    ~Daemon() { kill(); }

    /// The second time at the same address.
    void start()
    {
        const QString address = m_url.isEmpty() ? u"127.0.0.1:0"_s : m_url.authority();
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        m_process.start(QStringLiteral(GODWITD), { u"--listen"_s, address, u"--data"_s, m_data.path() });
        const QByteArray greeting = "listening on "_ba;
        while (m_process.canReadLine() || m_process.waitForReadyRead(patience)) {
            const QByteArray line = m_process.readLine().trimmed();
            if (!line.startsWith(greeting))
                continue;
            m_url = QUrl(QString::fromLatin1(line.sliced(greeting.size())));
            return;
        }
        qFatal("the daemon did not start");
    }

    /// With SIGKILL: nothing of it can be tidied up.
    void kill()
    {
        m_process.kill();
        m_process.waitForFinished();
    }

    const QUrl &url() const { return m_url; }
    /// By the local token, which is another one after each start.
    net::Session::Options session(const QString &user, const client::ConnectionOptions &connection) const
    {
        return { .server = m_url, .daemonFolder = m_data.path(), .user = user, .connection = connection };
    }

private:
    QTemporaryDir m_data;
    QProcess m_process;
    QUrl m_url;
};

/// The real daemon, the monitor and the chat window together, driven as users do.
class tst_Windows : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void theMonitorChartsThisMachine();
    void eachWindowSeesWhatTheOtherSays();
    void whatIsChangedIsChangedEverywhere();
    void theOtherIsSeenTyping();
    void aMentionIsCountedUntilItIsRead();
    void aTaskShowsItsProgress();
    void anImportedFolderIsFound();
    void aKilledServerIsSeenAndNothingIsLost();
    void whatIsSentWhileTheServerDiesIsPostedOnce();

private:
    template<class Page>
    Page *show(const QString &name)
    {
        return m_monitor->showPage(name) ? qobject_cast<Page *>(m_monitor->page(m_monitor->currentPage())) : nullptr;
    }
    template<class Fill>
    static void startTask(pages::TasksPage &page, Fill fill);
    static void say(chat::ChatView &chat, const QString &text);
    static QStringList said(chat::ChatView &chat);
    QString badge() const;

    QTemporaryDir m_folder;
    Daemon m_daemon;
    std::unique_ptr<QSettings> m_monitorStore, m_chatStore;
    std::unique_ptr<widgets::Settings> m_chatSettings;
    std::unique_ptr<widgets::Theme> m_theme;
    std::unique_ptr<MainWindow> m_monitor;
    std::unique_ptr<ChatWindow> m_chat;
};

void tst_Windows::initTestCase()
{
    m_daemon.start();
    client::ConnectionOptions quick;
    quick.backoff.first = std::chrono::milliseconds(100);
    quick.backoff.maximum = std::chrono::milliseconds(500);
    m_theme = std::make_unique<widgets::Theme>(*qApp);
    m_monitorStore = std::make_unique<QSettings>(m_folder.filePath(u"monitor.ini"_s), QSettings::IniFormat);
    m_chatStore = std::make_unique<QSettings>(m_folder.filePath(u"chat.ini"_s), QSettings::IniFormat);
    m_chatSettings = std::make_unique<widgets::Settings>(*m_chatStore);

    MainWindow::Options monitor;
    monitor.session = m_daemon.session(u"ada"_s, quick);
    m_monitor = std::make_unique<MainWindow>(monitor, *m_theme, widgets::Settings(*m_monitorStore));
    m_monitor->show();
    ChatWindow::Options chat;
    chat.session = m_daemon.session(u"bob"_s, quick);
    chat.dataFolder = m_folder.filePath(u"data"_s);
    m_chat = std::make_unique<ChatWindow>(chat, *m_chatSettings);
    m_chat->show();
    QTRY_COMPARE_WITH_TIMEOUT(badge(), u"Connected"_s, patience);
    QCOMPARE(m_monitor->session().credentials().kind(), client::Credentials::Kind::Local);
    QTRY_VERIFY_WITH_TIMEOUT(
        m_monitor->session().may(protocol::Role::Admin) && m_monitor->session().credentials().principal(), patience);
}

void tst_Windows::cleanupTestCase()
{
    m_chat.reset();
    m_monitor.reset();
}

QString tst_Windows::badge() const
{
    return m_monitor->findChild<widgets::ConnectionBadge *>(u"connectionBadge"_s)->text();
}

void tst_Windows::say(chat::ChatView &chat, const QString &text)
{
    QTest::keyClicks(chat.composer()->edit(), text);
    QTest::keyClick(chat.composer()->edit(), Qt::Key_Return);
}

/// What has an offset, as "user: text".
QStringList tst_Windows::said(chat::ChatView &chat)
{
    QStringList result;
    const ChatModel &model = chat.rooms().session(chat.currentRoom())->model();
    for (int row = 0; row < model.rowCount(); ++row) {
        const QModelIndex index = model.index(row);
        if (index.data(ChatModel::OffsetRole).isValid())
            result.append(u"%1: %2"_s.arg(index.data(ChatModel::UserRole).toString(),
                                          index.data(ChatModel::TextRole).toString()));
    }
    return result;
}

template<class Fill>
void tst_Windows::startTask(pages::TasksPage &page, Fill fill)
{
    page.askToStart();
    auto *dialog = page.findChild<pages::StartTaskDialog *>();
    QVERIFY(dialog);
    fill(*dialog);
    const auto buttons = dialog->findChild<QDialogButtonBox *>()->buttons();
    for (QAbstractButton *button : buttons) {
        if (dialog->findChild<QDialogButtonBox *>()->buttonRole(button) == QDialogButtonBox::AcceptRole)
            QTest::mouseClick(button, Qt::LeftButton);
    }
}

void tst_Windows::theMonitorChartsThisMachine()
{
    const auto *overview = show<pages::OverviewPage>(u"overview"_s);
    QVERIFY(overview);
    QTRY_VERIFY_WITH_TIMEOUT(overview->history().size() >= 2, patience);
    QVERIFY(overview->history().latest().memoryTotalBytes > 0);
}

void tst_Windows::eachWindowSeesWhatTheOtherSays()
{
    auto *page = show<pages::ChatPage>(u"chat"_s);
    QVERIFY(page);
    QCOMPARE(page->chat().currentRoom(), m_chat->chat().currentRoom());
    say(page->chat(), u"hello bob"_s);
    QTRY_COMPARE_WITH_TIMEOUT(said(m_chat->chat()), QStringList{ u"ada: hello bob"_s }, patience);
    say(m_chat->chat(), u"hello ada"_s);
    const QStringList both{ u"ada: hello bob"_s, u"bob: hello ada"_s };
    QTRY_COMPARE_WITH_TIMEOUT(said(page->chat()), both, patience);
    QTRY_COMPARE_WITH_TIMEOUT(said(m_chat->chat()), both, patience);
}

void tst_Windows::whatIsChangedIsChangedEverywhere()
{
    auto *page = show<pages::ChatPage>(u"chat"_s);
    QPlainTextEdit *edit = m_chat->chat().composer()->edit();
    QTest::keyClick(edit, Qt::Key_Up);
    QTest::keyClicks(edit, u", dear"_s);
    QTest::keyClick(edit, Qt::Key_Return);
    const QStringList edited{ u"ada: hello bob"_s, u"bob: hello ada, dear"_s };
    QTRY_COMPARE_WITH_TIMEOUT(said(page->chat()), edited, patience);
    QTRY_COMPARE_WITH_TIMEOUT(said(m_chat->chat()), edited, patience);

    say(m_chat->chat(), u"oops"_s);
    QTRY_COMPARE_WITH_TIMEOUT(said(page->chat()).size(), 3, patience);
    chat::RoomSession &room = *m_chat->chat().rooms().session(m_chat->chat().currentRoom());
    QTRY_VERIFY_WITH_TIMEOUT(room.model().lastOwn() && room.model().lastOwn()->message == "oops"_L1, patience);
    QVERIFY(room.remove(room.model().lastOwn()->offset));
    QTRY_COMPARE_WITH_TIMEOUT(said(page->chat()).last(), u"bob: Message deleted"_s, patience);
    QTRY_COMPARE_WITH_TIMEOUT(said(m_chat->chat()).last(), u"bob: Message deleted"_s, patience);
}

void tst_Windows::theOtherIsSeenTyping()
{
    auto *page = show<pages::ChatPage>(u"chat"_s);
    const chat::WhoIsHere &here = page->chat().rooms().session(page->chat().currentRoom())->here();
    QTRY_COMPARE_WITH_TIMEOUT(here.users(), (QStringList{ u"ada"_s, u"bob"_s }), patience);
    const auto *typing = page->findChild<QLabel *>(u"typing"_s);
    const auto type = [this, typing] { // until it is told: it is not for every key
        QTest::keyClick(m_chat->chat().composer()->edit(), Qt::Key_A);
        return typing->text();
    };
    QTRY_COMPARE_WITH_TIMEOUT(type(), u"bob is typing…"_s, patience);
    m_chat->chat().composer()->clear();
    QTRY_COMPARE_WITH_TIMEOUT(typing->text(), QString(), patience); // after a while
}

void tst_Windows::aMentionIsCountedUntilItIsRead()
{
    auto *page = show<pages::ChatPage>(u"chat"_s);
    chat::ChatView &chat = m_chat->chat();
    const QString lobby = chat.currentRoom();
    chat.showRoom(u"elsewhere"_s);
    say(page->chat(), u"and you, @bob?"_s);
    const auto line = [&] { return *chat.rooms().model().room(lobby); };
    QTRY_COMPARE_WITH_TIMEOUT(line().mentions, 1, patience);
    QVERIFY(line().unread >= 1);
    chat.rooms().markRead(lobby);
    QCOMPARE(line().mentions, 0);
    const chat::RoomSession &room = *chat.rooms().session(lobby);
    chat.rooms().leave(u"elsewhere"_s);
    chat.showRoom(lobby);
    QCOMPARE(room.unread(), 0);
}

void tst_Windows::aTaskShowsItsProgress()
{
    auto *page = show<pages::TasksPage>(u"tasks"_s);
    QVERIFY(page);
    startTask(*page, [](pages::StartTaskDialog &dialog) {
        dialog.setKind(u"sleep"_s);
        dialog.findChild<QDoubleSpinBox *>(u"seconds"_s)->setValue(3);
    });
    const auto newest = [page]() -> protocol::Task {
        const QModelIndex first = page->model().index(0, 0);
        const auto *task = page->model().task(first.data(models::TaskModel::TaskIdRole).toLongLong());
        return task ? *task : protocol::Task();
    };
    QTRY_VERIFY_WITH_TIMEOUT(newest().status == TaskStatus::Running && newest().progress > 0, patience);
    QVERIFY(newest().progress < 100);
    QTRY_VERIFY_WITH_TIMEOUT(newest().status == TaskStatus::Completed, patience);
    QCOMPARE(newest().progress, 100.0);
}

void tst_Windows::anImportedFolderIsFound()
{
    const QDir folder(m_folder.filePath(u"documents"_s));
    QVERIFY(folder.mkpath(u"."_s));
    QFile file(folder.filePath(u"waders.md"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("# Waders\n\nThe bar-tailed godwit flies eleven days without landing.\n");
    file.close();

    auto *page = show<pages::TasksPage>(u"tasks"_s);
    startTask(*page, [&folder](pages::StartTaskDialog &dialog) {
        dialog.setKind(u"import"_s);
        dialog.findChild<QPlainTextEdit *>(u"paths"_s)->setPlainText(folder.absolutePath());
    });
    QTRY_COMPARE_WITH_TIMEOUT(page->model().count(TaskStatus::Completed), 2, patience);

    auto *search = show<pages::SearchPage>(u"search"_s);
    QVERIFY(search);
    QTest::keyClicks(search->field(), u"eleven days"_s);
    QTRY_COMPARE_WITH_TIMEOUT(search->model().rowCount(), 1, patience);
    const auto snippet = search->model().index(0).data(models::SearchModel::SnippetRole).value<models::MarkedText>();
    QVERIFY(!snippet.marks.isEmpty());
    auto *document = search->findChild<QPlainTextEdit *>(u"document"_s);
    QTRY_VERIFY_WITH_TIMEOUT(document->toPlainText().contains("without landing"_L1), patience);
}

void tst_Windows::aKilledServerIsSeenAndNothingIsLost()
{
    const auto *overview = show<pages::OverviewPage>(u"overview"_s);
    chat::ChatView &chat = m_chat->chat();
    const QStringList before = said(chat);
    m_daemon.kill();
    QTRY_VERIFY_WITH_TIMEOUT(badge() != u"Connected"_s, patience);
    QTRY_VERIFY_WITH_TIMEOUT(!chat.rooms().session(chat.currentRoom())->connection().isOnline(), patience);
    say(chat, u"written while you were gone"_s);
    QCOMPARE(chat.rooms().outbox().size(), 1);
    QTRY_VERIFY_WITH_TIMEOUT(overview->history().isStale(), patience);

    const QByteArray token = m_monitor->session().credentials().token();
    m_daemon.start();
    QTRY_COMPARE_WITH_TIMEOUT(badge(), u"Connected"_s, patience);
    QCOMPARE(m_monitor->session().credentials().kind(), client::Credentials::Kind::Local);
    QVERIFY(m_monitor->session().credentials().token() != token); // another after each start
    const QStringList after = before + QStringList{ u"bob: written while you were gone"_s };
    auto *page = show<pages::ChatPage>(u"chat"_s);
    QTRY_COMPARE_WITH_TIMEOUT(said(page->chat()), after, patience);
    QTRY_COMPARE_WITH_TIMEOUT(said(chat), after, patience);
    QCOMPARE(chat.rooms().outbox().size(), 0);

    const models::MetricsHistory &history = overview->history();
    QTRY_VERIFY_WITH_TIMEOUT(!history.isStale(), patience);
    QVERIFY(!history.gaps(history.now() - std::chrono::minutes(5), history.now()).isEmpty());
}

void tst_Windows::whatIsSentWhileTheServerDiesIsPostedOnce()
{
    chat::ChatView &chat = m_chat->chat();
    auto *page = show<pages::ChatPage>(u"chat"_s);
    QStringList expected = said(chat);
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 4; ++i) {
            say(chat, u"%1.%2"_s.arg(round).arg(i));
            expected.append(u"bob: %1.%2"_s.arg(round).arg(i));
        }
        m_daemon.kill(); // some are stored, one of them perhaps without an answer
        m_daemon.start();
        QTRY_COMPARE_WITH_TIMEOUT(chat.rooms().outbox().size(), 0, patience);
    }
    QTRY_COMPARE_WITH_TIMEOUT(said(chat), expected, patience);
    QTRY_COMPARE_WITH_TIMEOUT(said(page->chat()), expected, patience);
}

QTEST_MAIN(tst_Windows)
#include "tst_windows.moc"
