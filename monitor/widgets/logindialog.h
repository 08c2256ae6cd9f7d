// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/net/keptlogin.h"
#include "monitor/net/session.h"

#include <QDialog>
#include <QTimer>

#include <stop_token>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace godwit::widgets {

/// Asks for user and password until the server takes them, or the user gives up. What the server says against it stands
/// under the password; where it throttles, the button counts down to the next try.
class LoginDialog : public QDialog
{
    Q_OBJECT

public:
    struct Texts
    {
        QString user; ///< filled in already
        QString reason; ///< why it asks; empty: because the user wanted it
    };

    /// @p session and @p kept must outlive it.
    LoginDialog(net::Session &session, net::KeptLogin &kept, const Texts &texts, QWidget *parent = nullptr);
    ~LoginDialog() override;

    QLineEdit *user() const { return m_user; }
    QLineEdit *password() const { return m_password; }

protected:
    void showEvent(QShowEvent *event) override;

private:
    QWidget *makeHead(const QString &reason);
    QWidget *makeFields(const QString &user);
    void connectParts();
    void submit();
    QCoro::Task<> logIn(QString user, QString password);
    void askKeyring();
    void showRefusal(const Error &error);
    void showFields();
    void fit();

    net::Session &m_session;
    net::KeptLogin &m_kept;
    std::stop_source m_stop;
    bool m_isAsking = false;
    TimePoint m_blockedUntil{}; // the server takes no login before
    QTimer m_countdown;
    QLineEdit *m_user = nullptr, *m_password = nullptr;
    QCheckBox *m_stay = nullptr;
    QLabel *m_aboutStay = nullptr, *m_problem = nullptr;
    QPushButton *m_submit = nullptr;
};

} // namespace godwit::widgets
