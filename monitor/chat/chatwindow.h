// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/chat/chatview.h"
#include "monitor/net/session.h"
#include "monitor/widgets/account.h"
#include "monitor/widgets/settings.h"
#include "monitor/widgets/toast.h"

#include <QMainWindow>
#include <QSystemTrayIcon>

#include <memory>

namespace godwit::chat {

/// The window of godwit-chat: a ChatView with a title that counts what is unread.
class ChatWindow : public QMainWindow
{
    Q_OBJECT

public:
    struct Options
    {
        net::Session::Options session; ///< an empty user: the one of the last run, else the system's
        QString room; ///< shown first; empty: the one of the last run
        QString dataFolder; ///< of the outbox; empty: nothing is kept
        net::Keyring *keyring = nullptr; ///< for a login that is kept; the system's if null
    };

    /// @p settings must outlive it.
    ChatWindow(Options options, widgets::Settings &settings, QWidget *parent = nullptr);
    ~ChatWindow() override;

    ChatView &chat() { return *m_chat; }
    widgets::Account &account() { return *m_account; }

protected:
    void closeEvent(QCloseEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void showShortcuts();
    void keepProfile();
    void showTitle();
    void notify(const QString &room, const QString &user, const QString &text);

    widgets::Settings &m_settings;
    std::unique_ptr<net::Session> m_session;
    std::unique_ptr<widgets::Account> m_account;
    std::unique_ptr<ChatView> m_chat;
    widgets::Toast *m_toast = nullptr;
    QSystemTrayIcon *m_tray = nullptr; // there while it has something to tell
    QString m_mentionedIn; // the room that it tells of
    int m_unread = 0;
};

} // namespace godwit::chat
