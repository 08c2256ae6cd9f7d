// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fakeauth.h"

#include <QJsonObject>

namespace godwit::test {

using namespace Qt::StringLiterals;
using protocol::Principal;

static QByteArray bearer(const FakeRequest &request)
{
    const QByteArray value = request.headers.value("authorization"_ba);
    return value.startsWith("Bearer "_ba) ? value.sliced(7) : QByteArray();
}

FakeAuth::FakeAuth(FakeServer &server)
{
    server.setGate([this](const FakeRequest &request, const FakeReply &reply) { return admits(request, reply); });
    server.on("POST /api/auth/login"_ba,
              [this](const FakeRequest &request, const FakeReply &reply) { logIn(request, reply); });
    server.on("POST /api/auth/refresh"_ba, [this](const FakeRequest &request, const FakeReply &reply) {
        ++m_refreshes;
        if (m_isHolding)
            m_held.append({ request, reply });
        else
            refresh(request, reply);
    });
    server.on("POST /api/auth/logout"_ba, [this](const FakeRequest &request, const FakeReply &reply) {
        m_refresh.remove(request.json()["refresh_token"_L1].toString().toLatin1());
        expire();
        reply.answer(204, {});
    });
    server.on("GET /api/auth/me"_ba, [this](const FakeRequest &request, const FakeReply &reply) {
        reply.json(QJsonDocument(m_access.value(bearer(request)).toJson()));
    });
}

bool FakeAuth::admits(const FakeRequest &request, const FakeReply &reply)
{
    const bool isPublic = request.path.startsWith("/api/auth/"_ba) && request.path != "/api/auth/me"_ba;
    const QByteArray token = bearer(request);
    const bool isGood = m_access.contains(token) && !(m_isRefusing && m_granted.contains(token));
    if (isGood || (isPublic && token.isEmpty())) // a bad token is refused where none is needed, too
        return true;
    reply.problem(401, token.isEmpty() ? u"a token is needed"_s : u"the token is not good"_s,
                  "WWW-Authenticate: Bearer\r\n"_ba);
    return false;
}

void FakeAuth::addUser(const QString &name, const QString &password, protocol::Role role)
{
    m_users.insert(name, { password, { .userId = m_users.size() + 1, .name = name, .role = role } });
}

void FakeAuth::addToken(const QByteArray &token, const Principal &principal)
{
    m_access.insert(token, principal);
}

void FakeAuth::expire()
{
    for (const QByteArray &token : std::as_const(m_granted))
        m_access.remove(token);
    m_granted.clear();
}

void FakeAuth::revoke()
{
    m_refresh.clear();
    expire();
}

void FakeAuth::release()
{
    m_isHolding = false;
    const auto held = std::exchange(m_held, {});
    for (const auto &[request, reply] : held)
        refresh(request, reply);
}

QString FakeAuth::nameOf(const FakeRequest &request) const
{
    return m_access.value(bearer(request)).name;
}

void FakeAuth::logIn(const FakeRequest &request, const FakeReply &reply)
{
    if (m_throttled.count() > 0)
        return reply.problem(429, u"too many attempts"_s,
                             "Retry-After: "_ba + QByteArray::number(qint64(m_throttled.count())) + "\r\n"_ba);
    const auto user = m_users.constFind(request.json()["user"_L1].toString());
    if (user == m_users.cend() || user->password != request.json()["password"_L1].toString())
        return reply.problem(401, u"user or password is wrong"_s, "WWW-Authenticate: Bearer\r\n"_ba);
    ++m_logins;
    grant(user->principal, reply);
}

void FakeAuth::refresh(const FakeRequest &request, const FakeReply &reply)
{
    const QByteArray token = request.json()["refresh_token"_L1].toString().toLatin1();
    if (m_isFailing)
        return reply.problem(503, u"not now"_s);
    if (m_used.contains(token))
        revoke();
    if (!m_refresh.contains(token))
        return reply.problem(401, u"the login is over"_s, "WWW-Authenticate: Bearer\r\n"_ba);
    m_used.insert(token);
    grant(m_refresh.take(token), reply);
}

void FakeAuth::grant(const Principal &principal, const FakeReply &reply)
{
    const QByteArray access = "access-"_ba + QByteArray::number(++m_serial);
    m_lastRefresh = "refresh-"_ba + QByteArray::number(m_serial);
    m_access.insert(access, principal);
    m_granted.insert(access);
    m_refresh.insert(m_lastRefresh, principal);
    reply.json(QJsonDocument(QJsonObject{ { u"access_token"_s, QString::fromLatin1(access) },
                                          { u"refresh_token"_s, QString::fromLatin1(m_lastRefresh) },
                                          { u"token_type"_s, u"Bearer"_s },
                                          { u"expires_in"_s, qint64(m_lifetime.count()) } }));
}

} // namespace godwit::test
