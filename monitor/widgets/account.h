// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/net/keptlogin.h"
#include "monitor/net/session.h"
#include "monitor/widgets/settings.h"

#include <QObject>
#include <QPointer>

class QMenu;

namespace godwit::widgets {

class LoginDialog;

/// As whom a window is connected, and what its user can do about that: log in, as another, and out. Asks for a login by
/// itself when the server does, once; after that it is the user who asks.
class Account : public QObject
{
    Q_OBJECT

public:
    struct Options
    {
        QString dataFolder; ///< for the lock that tells windows apart which keep a login; empty: none
        net::Keyring *keyring = nullptr; ///< the system's if null; must outlive it
    };

    /// @p session and @p window must outlive it. Takes up a login that was kept.
    Account(net::Session &session, const Settings &settings, Options options, QWidget &window);
    ~Account() override;

    /// In a word or two: "ada", "Local access", "Not logged in".
    QString text() const;
    /// The same with how and with which role, in a sentence.
    QString detail() const;
    bool isLoggedIn() const { return m_session.credentials().kind() == client::Credentials::Kind::Login; }

    /// Who one is, and the actions; those of @p menu before stay.
    void fill(QMenu &menu);

public Q_SLOTS:
    void askForLogin();
    void logOut();

Q_SIGNALS:
    /// text() or detail() have.
    void changed();
    void notified(const QString &text);
    void failed(const QString &text);

private:
    void showDialog(const QString &reason);
    void onLoginNeeded(const QString &reason);
    QString settingsKey() const;

    net::Session &m_session;
    Settings m_settings;
    QWidget &m_window;
    net::SystemKeyring m_systemKeyring;
    net::KeptLogin m_kept;
    QPointer<LoginDialog> m_dialog;
};

} // namespace godwit::widgets
