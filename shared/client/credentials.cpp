// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/credentials.h"

#include "shared/core/jsonreader.h"
#include "shared/protocol/routes.h"

#include <QFile>
#include <QPointer>

#include <algorithm>

namespace godwit::client {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Code = Error::Code;
using std::chrono::milliseconds;

/// A daemon that starts has its port some moments before its announcement.
static constexpr auto startingTime = 2s;

static QString path(const char *route)
{
    return QString::fromLatin1(route);
}

/// Whether the server's answer to a refresh means that the login has ended, and not only that this try has failed.
static bool isRefusal(const Error &error)
{
    switch (error.code()) {
    case Code::Unauthenticated:
    case Code::PermissionDenied:
    case Code::InvalidArgument:
    case Code::FailedValidation:
    case Code::NotFound:
    case Code::Conflict:
    case Code::PayloadTooLarge:
    case Code::RangeNotSatisfiable:
        return true;
    case Code::ResourceExhausted:
    case Code::Unavailable:
    case Code::DeadlineExceeded:
    case Code::Cancelled:
    case Code::Internal:
        return false;
    }
    Q_UNREACHABLE();
}

Credentials::Credentials(Options options, QObject *parent)
    : QObject(parent),
      m_options(std::move(options)),
      m_api(m_options.server),
      m_newcomer(m_options.server)
{
    reload();
}

Credentials::~Credentials()
{
    settle(Failure(Error::cancelled()));
}

bool Credentials::isFresh() const
{
    return !m_isExpecting && (!m_login || m_options.clock->now() < m_login->freshUntil);
}

void Credentials::reload()
{
    if (!m_login)
        readFile({}); // without any token the server says what it wants
}

/// Failure as renew() tells it; the token is then what it was.
Result<void> Credentials::readFile(const QByteArray &refused)
{
    if (!m_options.tokenFile.isEmpty()) {
        QFile file(m_options.tokenFile);
        if (!file.open(QIODevice::ReadOnly))
            return failure(Code::Unauthenticated,
                           tr("The token in \"%1\" cannot be read: %2").arg(file.fileName(), file.errorString()));
        m_kind = Kind::File;
        m_token = file.read(16 * 1024).trimmed();
        if (m_token == refused)
            return failure(Code::Unauthenticated,
                           tr("The server refuses the token in \"%1\"").arg(m_options.tokenFile));
        return {};
    }
    const Result<QByteArray> local = LocalToken(m_options.server, m_options.dataFolder).read();
    const TimePoint now = m_options.clock->now();
    if (!local && local.error().code() == Code::Unavailable) {
        m_startingSince = m_startingSince.value_or(now);
        if (now - *m_startingSince < startingTime)
            return Failure(local.error());
    } else {
        m_startingSince.reset();
    }
    m_kind = local ? Kind::Local : Kind::Nobody;
    m_token = local.value_or(QByteArray());
    if (m_token.isEmpty() || m_token == refused)
        return failure(Code::Unauthenticated, plainReason());
    return {};
}

void Credentials::renew(const QByteArray &refused, const void *owner, Done done)
{
    if (m_isExpecting) {
        m_waiters.append({ owner, std::move(done) });
        return;
    }
    if (!m_login) {
        const Result<void> outcome = readFile(refused);
        if (!outcome && outcome.error().code() == Code::Unauthenticated) {
            const QPointer<Credentials> self = this;
            needLogin(outcome.error().message());
            if (!self)
                return done(Failure(Error::cancelled()));
        }
        return done(outcome);
    }
    if (isFresh() && m_token != refused)
        return done({}); // another request was here before
    m_waiters.append({ owner, std::move(done) });
    if (!m_isRefreshing)
        refresh();
}

void Credentials::cancel(const void *owner)
{
    QList<Waiter> cancelled;
    for (const Waiter &waiter : std::as_const(m_waiters)) {
        if (waiter.owner == owner)
            cancelled.append(waiter);
    }
    m_waiters.removeIf([owner](const Waiter &waiter) { return waiter.owner == owner; });
    for (const Waiter &waiter : std::as_const(cancelled))
        waiter.done(Failure(Error::cancelled()));
}

void Credentials::settle(const Result<void> &outcome)
{
    const QList<Waiter> waiters = std::exchange(m_waiters, {}); // one of them may ask anew
    for (const Waiter &waiter : waiters)
        waiter.done(outcome);
}

Result<std::pair<Credentials::Login, QByteArray>> Credentials::parse(const QJsonObject &json, TimePoint now)
{
    JsonReader reader(json);
    const QByteArray access = reader.string("access_token"_L1).toLatin1();
    const QByteArray refresh = reader.string("refresh_token"_L1).toLatin1();
    const auto lifetime = std::chrono::seconds(reader.integer("expires_in"_L1));
    if (access.isEmpty() || refresh.isEmpty())
        reader.fail("access_token"_L1, u"must not be empty"_s);
    // Early enough for a slow request, and not at once for a token of a few seconds.
    const milliseconds margin = std::min<milliseconds>(30s, lifetime / 5);
    return reader.finish(std::pair(Login{ .refreshToken = refresh, .freshUntil = now + lifetime - margin }, access));
}

QCoro::Task<> Credentials::refresh()
{
    const QPointer<Credentials> self = this;
    const QByteArray used = m_login->refreshToken;
    const TimePoint asked = m_options.clock->now();
    const QJsonObject body{ { u"refresh_token"_s, QString::fromLatin1(used) } };
    m_isRefreshing = true;
    const Result<Answer> answer = co_await m_api.post(path(protocol::routes::authRefresh), body);
    if (!self || (!answer && answer.error().code() == Code::Cancelled))
        co_return; // from inside the destructor
    m_isRefreshing = false;
    if (!m_login || m_login->refreshToken != used) { // logged in or out meanwhile
        settle(m_login ? Result<void>() : failure(Code::Unauthenticated, tr("Logged out")));
        co_return;
    }
    if (!answer && isRefusal(answer.error())) {
        const Result<void> ended = failure(Code::Unauthenticated, answer.error().message());
        endLogin(tr("Your login has ended: %1").arg(answer.error().message()));
        if (self)
            settle(ended);
        co_return;
    }
    const auto pair = answer.and_then([asked](const Answer &a) { return parse(a.object(), asked); });
    if (!pair) {
        settle(Failure(pair.error()));
        co_return;
    }
    m_login = pair->first;
    m_token = pair->second;
    Q_EMIT refreshTokenChanged(m_login->refreshToken);
    if (self)
        settle({});
}

QCoro::Task<Result<void>> Credentials::logIn(QString user, QString password, std::stop_token stop)
{
    const QPointer<Credentials> self = this;
    const TimePoint asked = m_options.clock->now();
    const QJsonObject body{ { u"user"_s, user }, { u"password"_s, password } };
    const Result<Answer> answer = co_await m_api.post(path(protocol::routes::authLogin), body, stop);
    if (!answer)
        co_return Failure(answer.error());
    const auto pair = parse(answer->object(), asked);
    if (!pair)
        co_return Failure(pair.error());

    m_newcomer.setToken(pair->second);
    const Result<Answer> me = co_await m_newcomer.get(path(protocol::routes::authMe), {}, stop);
    if (!me)
        co_return Failure(me.error());
    const auto principal = protocol::Principal::fromJson(me->object());
    if (!principal)
        co_return Failure(principal.error());

    m_login = pair->first;
    m_token = pair->second;
    m_kind = Kind::Login;
    m_loginNeededFor.clear();
    setPrincipal(*principal);
    if (self && std::exchange(m_isExpecting, false))
        settle({});
    if (self)
        Q_EMIT refreshTokenChanged(m_login->refreshToken);
    if (self)
        Q_EMIT changed();
    co_return {};
}

void Credentials::resume(QByteArray refreshToken)
{
    m_isExpecting = false;
    if (m_login)
        return; // one that was quicker
    if (refreshToken.isEmpty()) {
        reload();
        return settle({}); // as whoever we are without it
    }
    m_login = Login{ .refreshToken = std::move(refreshToken), .freshUntil = {} };
    m_token.clear();
    m_kind = Kind::Login;
    m_loginNeededFor.clear();
    if (!m_waiters.isEmpty())
        refresh();
}

QCoro::Task<> Credentials::logOut()
{
    if (!m_login)
        co_return;
    const QJsonObject body{ { u"refresh_token"_s, QString::fromLatin1(m_login->refreshToken) } };
    m_newcomer.setToken(isFresh() ? m_token : QByteArray());
    auto told = m_newcomer.post(path(protocol::routes::authLogout), body); // under way; what follows does not wait
    m_loginNeededFor = tr("You have logged out"); // whoever logs out is not asked to log in
    endLogin(m_loginNeededFor);
    co_await told;
}

/// Back to what there was before the login. The connections find out what that is worth.
void Credentials::endLogin(const QString &reason)
{
    const QPointer<Credentials> self = this;
    m_login.reset();
    m_token.clear();
    m_kind = Kind::Nobody;
    reload();
    setPrincipal({});
    if (self)
        Q_EMIT refreshTokenChanged({});
    if (!self)
        return;
    if (m_kind == Kind::Nobody)
        needLogin(reason);
    else
        m_loginNeededFor.clear();
    if (self)
        Q_EMIT changed();
}

void Credentials::needLogin(const QString &reason)
{
    if (!m_loginNeededFor.isEmpty())
        return;
    m_loginNeededFor = reason;
    Q_EMIT loginNeeded(reason);
}

void Credentials::setPrincipal(std::optional<protocol::Principal> principal)
{
    if (principal)
        m_loginNeededFor.clear();
    if (m_principal == principal)
        return;
    m_principal = std::move(principal);
    Q_EMIT principalChanged();
}

} // namespace godwit::client
