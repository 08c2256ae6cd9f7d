// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/net/session.h"

#include "shared/protocol/routes.h"

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
      m_api(m_options.server)
{
    if (m_options.user.isEmpty())
        m_options.user = systemUser();
    m_api.setToken(m_options.token);
    // Someone looks at these windows and waits: the server that came back is seen soon.
    auto &longest = m_options.connection.backoff.maximum;
    longest = std::min(longest, std::chrono::milliseconds(10'000));
    // This stream ends only because the server goes down: after a restart the figures come back by themselves.
    client::ConnectionOptions lasting = m_options.connection;
    lasting.afterEnd = client::ConnectionOptions::AfterEnd::Retry;
    m_metrics = std::make_unique<client::EventSource>(
        m_api.request(QString::fromLatin1(protocol::routes::metricsStream)), lasting);
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
