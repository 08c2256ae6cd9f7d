// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/client/connection.h"

#include <QTimer>
#include <QToolButton>

namespace godwit::widgets {

/// What a user is told about @p state at @p now: "Connected", "Retrying in 12 s".
QString connectionText(const client::ConnectionState &state, TimePoint now);

/// The state of a connection in colour, sign and words, with the time to the next attempt. A click retries at once, or
/// asks for a login where that is what is missing.
class ConnectionBadge : public QToolButton
{
    Q_OBJECT

public:
    explicit ConnectionBadge(QWidget *parent = nullptr);

    /// Follows @p connection until that dies, in place of any former one.
    void follow(client::Connection &connection);
    void setState(const client::ConnectionState &state);
    /// Besides the state: data that no longer arrives although the connection stands.
    void setStale(bool stale);

Q_SIGNALS:
    void loginRequested();

protected:
    void changeEvent(QEvent *event) override;

private:
    void refresh();

    client::ConnectionState m_state;
    bool m_stale = false;
    QTimer m_countdown;
    QMetaObject::Connection m_stateConnection, m_clickConnection;
};

} // namespace godwit::widgets
