// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/connection.h"

namespace godwit::client {

using namespace Qt::StringLiterals;
using Phase = ConnectionState::Phase;
using std::chrono::milliseconds;

Connection::Connection(ConnectionOptions options, QObject *parent)
    : QObject(parent),
      m_options(std::move(options)),
      m_backoff(m_options.backoff)
{
    m_retry.setSingleShot(true);
    m_watchdog.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &Connection::attempt);
    connect(&m_watchdog, &QTimer::timeout, this,
            [this] { lost(m_state.isOnline() ? tr("The server has gone silent") : tr("No answer from the server")); });
}

void Connection::start()
{
    if (m_state.phase == Phase::Offline || m_state.phase == Phase::Ended)
        attempt();
}

void Connection::stop()
{
    m_retry.stop();
    m_watchdog.stop();
    abandon();
    m_backoff.reset();
    if (m_state.phase != Phase::Offline)
        setState({});
}

void Connection::retryNow()
{
    if (m_state.phase == Phase::Waiting)
        attempt();
}

void Connection::attempt()
{
    m_retry.stop();
    m_watchdog.start(m_options.connectTimeout);
    open();
    setState({ .phase = Phase::Connecting, .failures = m_backoff.failures() });
}

void Connection::connected()
{
    m_onlineSince = m_options.clock->now();
    m_watchdog.start(m_options.silence);
    setState({ .phase = Phase::Online, .failures = m_backoff.failures() });
}

void Connection::lost(const QString &reason, milliseconds atLeast)
{
    m_watchdog.stop();
    abandon();
    if (m_state.isOnline() && m_options.clock->now() - m_onlineSince >= m_options.stableAfter)
        m_backoff.reset();
    const milliseconds delay = std::max(m_backoff.next(), atLeast);
    m_retry.start(delay);
    setState({ .phase = Phase::Waiting,
               .until = m_options.clock->now() + delay,
               .reason = reason,
               .failures = m_backoff.failures() });
}

void Connection::ended(const QString &reason)
{
    if (m_options.afterEnd == ConnectionOptions::AfterEnd::Retry)
        return lost(reason);
    m_watchdog.stop();
    abandon();
    m_backoff.reset();
    setState({ .phase = Phase::Ended, .reason = reason });
}

void Connection::heard()
{
    if (m_state.isOnline())
        m_watchdog.start(m_options.silence);
}

void Connection::setState(ConnectionState state)
{
    m_state = std::move(state);
    // A copy: a receiver may stop or restart this connection, or delete it.
    Q_EMIT stateChanged(ConnectionState(m_state));
}

} // namespace godwit::client
