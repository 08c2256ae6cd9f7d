// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/connection.h"

#include "shared/client/credentials.h"

namespace godwit::client {

using namespace Qt::StringLiterals;
using Phase = ConnectionState::Phase;
using std::chrono::milliseconds;

Connection::Connection(ConnectionOptions options, QObject *parent)
    : QObject(parent),
      m_options(std::move(options)),
      m_backoff(m_options.backoff),
      m_credentials(m_options.credentials)
{
    m_retry.setSingleShot(true);
    m_watchdog.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &Connection::attempt);
    connect(&m_watchdog, &QTimer::timeout, this,
            [this] { lost(m_state.isOnline() ? tr("The server has gone silent") : tr("No answer from the server")); });
    if (m_credentials)
        connect(m_credentials, &Credentials::changed, this, &Connection::startOver);
}

Connection::~Connection()
{
    if (m_credentials)
        m_credentials->cancel(this);
}

void Connection::start()
{
    if (m_state.phase == Phase::Offline || m_state.phase == Phase::Ended)
        attempt();
}

void Connection::startOver()
{
    if (m_state.phase == Phase::Offline || m_state.phase == Phase::Ended)
        return;
    drop();
    m_backoff.reset();
    attempt();
}

void Connection::stop()
{
    drop();
    m_backoff.reset();
    if (m_state.phase != Phase::Offline)
        setState({});
}

void Connection::retryNow()
{
    if (m_state.phase == Phase::Waiting || m_state.phase == Phase::Unauthenticated)
        attempt();
}

/// Nothing of what was under way is reported after this.
void Connection::drop()
{
    m_retry.stop();
    m_watchdog.stop();
    if (m_credentials)
        m_credentials->cancel(this);
    abandon();
}

void Connection::attempt()
{
    m_retry.stop();
    m_hasRenewed = false;
    if (m_credentials)
        m_credentials->reload();
    if (!m_credentials || m_credentials->isFresh())
        return begin();
    m_watchdog.start(m_options.connectTimeout);
    setState({ .phase = Phase::Connecting, .failures = m_backoff.failures() });
    renew(m_credentials->token(), {});
}

void Connection::begin()
{
    m_watchdog.start(m_options.connectTimeout);
    open();
    setState({ .phase = Phase::Connecting, .failures = m_backoff.failures() });
}

void Connection::authorize(QNetworkRequest &request)
{
    if (!m_credentials)
        return; // the request has what its maker gave it
    m_sentToken = m_credentials->token();
    // A null value takes the header away.
    request.setRawHeader("Authorization"_ba, m_sentToken.isEmpty() ? QByteArray() : "Bearer "_ba + m_sentToken);
}

void Connection::unauthenticated(const QString &reason)
{
    if (!m_credentials || m_hasRenewed)
        return lost(reason, m_backoff.maximum());
    m_hasRenewed = true;
    abandon();
    m_watchdog.start(m_options.connectTimeout);
    renew(m_sentToken, reason);
}

/// @param reason what the server said; empty if it was not asked yet.
void Connection::renew(const QByteArray &refused, const QString &reason)
{
    m_credentials->renew(refused, this, [this, reason](const Result<void> &outcome) {
        if (outcome)
            return begin();
        switch (outcome.error().code()) {
        case Error::Code::Cancelled:
            return;
        case Error::Code::Unauthenticated:
            m_watchdog.stop();
            abandon();
            return setState({ .phase = Phase::Unauthenticated,
                              .reason = reason.isEmpty() ? outcome.error().message() : reason,
                              .failures = m_backoff.failures() });
        default:
            return lost(outcome.error().message());
        }
    });
}

void Connection::connected()
{
    m_hasRenewed = false;
    m_onlineSince = m_options.clock->now();
    m_watchdog.start(m_options.silence);
    setState({ .phase = Phase::Online, .failures = m_backoff.failures() });
}

void Connection::lost(const QString &reason, milliseconds atLeast)
{
    drop();
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
    drop();
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
