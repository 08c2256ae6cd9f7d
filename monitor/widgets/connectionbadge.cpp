// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/widgets/connectionbadge.h"

#include "monitor/widgets/icons.h"
#include "monitor/widgets/theme.h"

#include <QEvent>
#include <QStyle>

namespace godwit::widgets {

using namespace Qt::StringLiterals;
using client::ConnectionState;
using Phase = ConnectionState::Phase;

QString connectionText(const ConnectionState &state, TimePoint now)
{
    switch (state.phase) {
    case Phase::Offline:
        return ConnectionBadge::tr("Offline");
    case Phase::Connecting:
        return ConnectionBadge::tr("Connecting");
    case Phase::Online:
        return ConnectionBadge::tr("Connected");
    case Phase::Waiting: {
        const auto left = std::chrono::ceil<std::chrono::seconds>(state.until - now).count();
        return left > 0 ? ConnectionBadge::tr("Retrying in %1 s").arg(left) : ConnectionBadge::tr("Retrying");
    }
    case Phase::Ended:
        return ConnectionBadge::tr("Ended");
    case Phase::Unauthenticated:
        return ConnectionBadge::tr("Not logged in");
    }
    Q_UNREACHABLE();
}

static QString iconOf(Phase phase)
{
    switch (phase) {
    case Phase::Offline:
    case Phase::Ended:
        return u"offline"_s;
    case Phase::Connecting:
        return u"connecting"_s;
    case Phase::Online:
        return u"online"_s;
    case Phase::Waiting:
        return u"waiting"_s;
    case Phase::Unauthenticated:
        return u"lock"_s;
    }
    Q_UNREACHABLE();
}

ConnectionBadge::ConnectionBadge(QWidget *parent) : QToolButton(parent)
{
    setObjectName(u"connectionBadge"_s);
    setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    setIconSize(QSize(18, 16));
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed); // how it stands is never cut
    m_countdown.setInterval(std::chrono::milliseconds(250));
    connect(&m_countdown, &QTimer::timeout, this, &ConnectionBadge::refresh);
    refresh();
}

void ConnectionBadge::follow(client::Connection &connection)
{
    disconnect(m_stateConnection);
    disconnect(m_clickConnection);
    m_stateConnection = connect(&connection, &client::Connection::stateChanged, this, &ConnectionBadge::setState);
    m_clickConnection = connect(this, &QToolButton::clicked, &connection, [this, &connection] {
        if (m_state.phase == Phase::Unauthenticated)
            Q_EMIT loginRequested();
        else
            connection.retryNow();
    });
    setState(connection.state());
}

void ConnectionBadge::setState(const ConnectionState &state)
{
    m_state = state;
    if (state.phase == Phase::Waiting)
        m_countdown.start();
    else
        m_countdown.stop();
    refresh();
}

void ConnectionBadge::setStale(bool stale)
{
    if (m_stale == stale)
        return;
    m_stale = stale;
    refresh();
}

void ConnectionBadge::refresh()
{
    const Tokens &tokens = Tokens::of(*this);
    const bool isOnline = m_state.isOnline();
    const bool isStale = isOnline && m_stale;
    const bool isLocked = m_state.phase == Phase::Unauthenticated;
    const QString kind = isStale || isLocked ? u"warning"_s
        : isOnline                           ? u"ok"_s
        : m_state.phase == Phase::Waiting    ? u"danger"_s
                                             : u"neutral"_s;
    const QColor colour = isStale || isLocked ? tokens.warning
        : isOnline                            ? tokens.ok
        : m_state.phase == Phase::Waiting     ? tokens.danger
                                              : tokens.mutedText;
    const QString text = isStale ? tr("Connected, no data") : connectionText(m_state, Clock::system().now());
    if (text != this->text())
        setText(text);
    setIcon(lineIcon(isStale ? u"waiting"_s : iconOf(m_state.phase), colour));
    setToolTip(m_state.phase == Phase::Waiting ? tr("%1. Click to try now.").arg(m_state.reason)
                   : isLocked                  ? tr("%1. Click to log in.").arg(m_state.reason)
                                               : m_state.reason);
    setAccessibleName(tr("Connection: %1").arg(text));
    if (property("kind").toString() != kind) {
        setProperty("kind", kind);
        style()->unpolish(this);
        style()->polish(this);
    }
}

void ConnectionBadge::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        refresh();
    QToolButton::changeEvent(event);
}

} // namespace godwit::widgets
