// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/chatwindow.h"

#include "monitor/widgets/icons.h"
#include "monitor/widgets/shortcuts.h"

#include <QDir>
#include <QShortcut>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using widgets::Toast;

namespace {

constexpr auto separator = u'\n'; // no room's name has one

Rooms::Options roomOptions(const ChatWindow::Options &options, const QUrl &server, const QString &user,
                           const widgets::Settings &settings)
{
    Rooms::Options result{ .user = user, .joined = {}, .outboxFile = {} };
    result.joined = settings.value(u"chat/rooms"_s).split(separator, Qt::SkipEmptyParts);
    if (!options.dataFolder.isEmpty()) {
        // One outbox a server: what was written for one is never sent to another.
        const QString name = u"outbox-%1-%2.json"_s.arg(server.host()).arg(server.port(80));
        result.outboxFile = QDir(options.dataFolder).filePath(QString(name).replace(u':', u'_'));
    }
    return result;
}

} // namespace

ChatWindow::ChatWindow(Options options, widgets::Settings &settings, QWidget *parent)
    : QMainWindow(parent),
      m_settings(settings)
{
    if (options.session.user.isEmpty())
        options.session.user = m_settings.value(u"chat/user"_s);
    m_session = std::make_unique<net::Session>(options.session);
    m_account = std::make_unique<widgets::Account>(
        *m_session, m_settings,
        widgets::Account::Options{ .dataFolder = options.dataFolder, .keyring = options.keyring }, *this);
    m_chat = std::make_unique<ChatView>(*m_session,
                                        roomOptions(options, m_session->server(), m_session->user(), m_settings), this);
    m_chat->setAccount(*m_account);
    setCentralWidget(m_chat.get());
    m_toast = new Toast(this);
    connect(m_chat.get(), &ChatView::loginRequested, m_account.get(), &widgets::Account::askForLogin);
    connect(m_account.get(), &widgets::Account::notified, m_toast,
            [this](const QString &text) { m_toast->show(text); });
    connect(m_account.get(), &widgets::Account::failed, m_toast,
            [this](const QString &text) { m_toast->show(text, Toast::Kind::Failure); });

    connect(m_chat.get(), &ChatView::failed, m_toast,
            [this](const QString &text) { m_toast->show(text, Toast::Kind::Failure); });
    connect(m_chat.get(), &ChatView::profileChanged, this, &ChatWindow::keepProfile);
    connect(m_chat.get(), &ChatView::roomChanged, this, &ChatWindow::showTitle);
    connect(m_chat.get(), &ChatView::mentioned, this, &ChatWindow::notify);
    connect(m_chat.get(), &ChatView::unreadChanged, this, [this](int total) {
        m_unread = total;
        showTitle();
    });
    connect(new QShortcut(QKeySequence::Quit, this), &QShortcut::activated, this, &QWidget::close);
    connect(new QShortcut(QKeySequence::HelpContents, this), &QShortcut::activated, this, &ChatWindow::showShortcuts);

    const QString room = options.room.isEmpty() ? m_settings.value(u"chat/room"_s) : options.room;
    if (!room.isEmpty())
        m_chat->showRoom(room);
    resize(940, 640);
    setMinimumSize(560, 360);
    restoreGeometry(m_settings.geometry(u"chat"_s));
    showTitle();
}

ChatWindow::~ChatWindow()
{
    m_chat->disconnect(this);
    m_chat.reset(); // before the account and the session
    m_account.reset();
}

void ChatWindow::showTitle()
{
    const QString count = m_unread > 0 ? u"(%L1) "_s.arg(m_unread) : QString();
    setWindowTitle(tr("%1%2 — Godwit Chat").arg(count, m_chat->currentRoom()));
}

/// By the desktop, where it has a tray.
void ChatWindow::notify(const QString &room, const QString &user, const QString &text)
{
    if (!QSystemTrayIcon::isSystemTrayAvailable() || !QSystemTrayIcon::supportsMessages())
        return;
    if (!m_tray) {
        m_tray = new QSystemTrayIcon(widgets::lineIcon(u"chat"_s, widgets::Tokens::of(*this).accent), this);
        const auto open = [this] {
            m_chat->showRoom(m_mentionedIn);
            raise();
            activateWindow();
        };
        connect(m_tray, &QSystemTrayIcon::messageClicked, this, open);
        connect(m_tray, &QSystemTrayIcon::activated, this, open);
    }
    m_mentionedIn = room;
    m_tray->setToolTip(tr("%1 in %2").arg(user, room));
    m_tray->show();
    m_tray->showMessage(tr("%1 in %2").arg(user, room), text, m_tray->icon());
}

void ChatWindow::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::ActivationChange && isActiveWindow() && m_tray)
        m_tray->hide();
    QMainWindow::changeEvent(event);
}

void ChatWindow::keepProfile()
{
    if (!m_session->isNamed()) // a login's name comes with the login
        m_settings.setValue(u"chat/user"_s, m_chat->rooms().user());
    m_settings.setValue(u"chat/rooms"_s, m_chat->rooms().joined().join(separator));
}

void ChatWindow::closeEvent(QCloseEvent *event)
{
    keepProfile();
    m_settings.setValue(u"chat/room"_s, m_chat->currentRoom());
    m_settings.setGeometry(u"chat"_s, saveGeometry());
    QMainWindow::closeEvent(event);
}

void ChatWindow::showShortcuts()
{
    const QList<widgets::Shortcut> keys = {
        { u"Ctrl+K"_s, tr("Go to a room, or join one") },
        { u"Ctrl+F"_s, tr("Find in this room") },
        { u"Enter"_s, tr("Send") },
        { u"Shift+Enter"_s, tr("New line") },
        { u"↑"_s, tr("Change your last message (where nothing is written)") },
        { u"Del"_s, tr("Delete the chosen message (in the list)") },
        { u"End"_s, tr("Latest message (in the list)") },
        { u"Ctrl+C"_s, tr("Copy the selected messages") },
        { u"F1"_s, tr("This list") },
        { u"Ctrl+Q"_s, tr("Quit") },
    };
    auto *dialog = new widgets::ShortcutsDialog(keys, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

} // namespace godwit::chat
