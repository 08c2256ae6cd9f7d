// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/net/session.h"

#include "shared/protocol/routes.h"

#include <QPointer>

#include <algorithm>

namespace godwit::net {

using namespace Qt::StringLiterals;

static QString systemUser()
{
    for (const char *name : { "USER", "LOGNAME", "USERNAME" }) {
        if (const QString user = qEnvironmentVariable(name); !user.isEmpty())
            return user;
    }
    return u"guest"_s;
}

Session::Session(Options options, QObject *parent)
    : QObject(parent),
      m_options(std::move(options)),
      m_credentials(
          { .server = m_options.server, .tokenFile = m_options.tokenFile, .dataFolder = m_options.daemonFolder }),
      m_api(m_options.server),
      m_nobody(m_options.server)
{
    if (m_options.user.isEmpty())
        m_options.user = systemUser();
    m_api.setCredentials(m_credentials);
    m_options.connection.credentials = &m_credentials;
    // Someone looks at these windows and waits: the server that came back is seen soon.
    auto &longest = m_options.connection.backoff.maximum;
    longest = std::min(longest, std::chrono::milliseconds(10'000));
    m_metrics = std::make_unique<client::EventSource>(
        m_api.request(QString::fromLatin1(protocol::routes::metricsStream)), m_options.connection);
    connect(m_metrics.get(), &client::Connection::stateChanged, this, [this](const client::ConnectionState &state) {
        if (state.isOnline())
            identify(); // anew each time: a role may have changed meanwhile
    });
    connect(&m_credentials, &client::Credentials::changed, this, [this] {
        m_isIdentified = m_credentials.principal().has_value();
        m_isAsking = false;
        ++m_asked;
        if (m_isIdentified)
            Q_EMIT identified();
    });
}

bool Session::isNamed() const
{
    const auto &principal = m_credentials.principal();
    return principal && principal->userId > 0 && m_credentials.kind() != client::Credentials::Kind::Local;
}

QString Session::user() const
{
    return isNamed() ? m_credentials.principal()->name : m_options.user;
}

bool Session::may(protocol::Role role) const
{
    const auto &principal = m_credentials.principal();
    return !principal || principal->may(role);
}

QString Session::whyNot(protocol::Role role) const
{
    if (may(role))
        return {};
    const auto &principal = m_credentials.principal();
    return tr("Needs the role %1; %2 has the role %3")
        .arg(protocol::toString(role), principal->name, protocol::toString(principal->role));
}

void Session::identify()
{
    if (!m_isAsking)
        askWhoWeAre();
}

QCoro::Task<> Session::askWhoWeAre()
{
    const QPointer<Session> self = this;
    m_isAsking = true;
    const int question = ++m_asked;
    // Who is nobody may be so: whatever wants a login asks for one itself.
    const bool isNobody = m_credentials.kind() == client::Credentials::Kind::Nobody;
    client::ApiClient &api = isNobody ? m_nobody : m_api;
    const Result<client::Answer> answer = co_await api.get(QString::fromLatin1(protocol::routes::authMe));
    if (!self || (!answer && answer.error().code() == Error::Code::Cancelled) || question != m_asked)
        co_return;
    m_isAsking = false;
    if (!isNobody && !answer && answer.error().code() == Error::Code::Unauthenticated)
        co_return; // a login will tell
    const auto principal
        = answer.and_then([](const client::Answer &a) { return protocol::Principal::fromJson(a.object()); });
    m_isIdentified = true;
    if (principal || principal.error().code() == Error::Code::NotFound) // 404: a server without logins
        m_credentials.setPrincipal(principal ? std::optional(*principal) : std::nullopt);
    if (self)
        Q_EMIT identified();
}

std::unique_ptr<client::EventSource> Session::eventSource(const QString &path, const QUrlQuery &query) const
{
    return std::make_unique<client::EventSource>(m_api.request(path, query), m_options.connection);
}

std::unique_ptr<client::Socket> Session::socket(const QString &path, const QUrlQuery &query) const
{
    return std::make_unique<client::Socket>(m_api.request(path, query), m_options.connection);
}

} // namespace godwit::net
