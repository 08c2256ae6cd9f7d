// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/service.h"

#include "server/auth/secrets.h"
#include "shared/core/ids.h"
#include "shared/core/jsonreader.h"
#include "shared/core/name.h"

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::auth {

using async::Context;
using db::Connection;
using sessions::Refreshed;
using users::Account;

static constexpr qsizetype sessionSize = 16, randomSize = 32, proofSize = 16; // bytes of a refresh token

static Error notLoggedIn(const QString &why)
{
    return { Error::Code::Unauthenticated, why };
}

AuditEvent auditEventOf(const users::Accounts::Event &event)
{
    using Kind = users::Accounts::Event::Kind;
    const QString name = event.kind == Kind::Removed ? u"user_removed"_s
        : event.kind == Kind::Created                ? u"user_created"_s
        : event.kind == Kind::PasswordChanged        ? u"password_changed"_s
                                                     : u"user_changed"_s;
    return { .event = name,
             .actor = event.actor,
             .subject = event.account.name + u" ("_s + protocol::toString(event.account.role) + u')',
             .requestId = event.requestId };
}

Service::Service(Parts parts, Options options)
    : m_parts(parts),
      m_options(options),
      m_byName({ .name = u"login-name"_s,
                 .perSecond = std::max(1, options.loginsPerName) / 60.0,
                 .burst = std::max(1, options.loginsPerName) }),
      m_throttleAudits({ .name = u"login-audit"_s, .perSecond = 1.0 / 60, .burst = 1, .keys = 1000 })
{
    m_parts.accounts.addListener([live = &m_parts.live, audit = &m_parts.audit](const users::Accounts::Event &event) {
        using Kind = users::Accounts::Event::Kind;
        if (event.kind == Kind::Removed)
            live->remove(event.account.id);
        else
            live->set(event.account);
        audit->record(auditEventOf(event));
    });
}

void Service::load()
{
    constexpr int page = 1000;
    qint64 last = 0;
    for (qsizetype got = page; got == page;) {
        const auto accounts = m_parts.accounts.list({}, last, page).future().result();
        for (const Account &account : accounts)
            m_parts.live.set(account);
        got = accounts.size();
        last = accounts.isEmpty() ? 0 : accounts.last().id;
    }
    const auto revoked
        = m_parts.pool.read({}, [now = m_parts.clock.timestamp()](Connection &c) { return sessions::revoked(c, now); })
              .future()
              .result();
    for (const Session &session : revoked)
        m_parts.live.endSession(session.id, session.expiresAt);
}

void Service::keepHouse()
{
    m_parts.keyring.rotateIfDue();
    m_parts.live.forgetBefore(m_parts.clock.timestamp());
}

sessions::Times Service::times() const
{
    const Timestamp now = m_parts.clock.timestamp();
    return { .now = now, .accessUntil = now + m_options.accessLifetime, .loginUntil = now + m_options.loginLifetime };
}

void Service::throttle(const QString &user, const QString &address, const QByteArray &requestId)
{
    if (m_options.loginsPerName <= 0)
        return;
    const QByteArray key = nameKey(user.left(maxNameLength)).toUtf8();
    const TimePoint now = m_parts.clock.now();
    const auto decision = m_byName.take(key, now);
    if (decision.isAllowed)
        return;
    // Once a minute: a storm is one event, and must not become one of the database.
    if (m_throttleAudits.take(key, now).isAllowed)
        m_parts.audit.record(
            { .event = u"login_throttled"_s, .subject = user, .address = address, .requestId = requestId });
    throw m_byName.refusal(decision);
}

QCoro::Task<Tokens> Service::logIn(Context context, QString user, QString password, QString address)
{
    throttle(user, address, context.requestId);
    const auto account = co_await m_parts.accounts.authenticate(context, user, password);
    if (!account) {
        m_parts.audit.record(
            { .event = u"login_failed"_s, .subject = user, .address = address, .requestId = context.requestId });
        throw notLoggedIn(u"the user or the password is wrong"_s);
    }
    const sessions::Times at = times();
    const Session session{
        .id = makeSecretId(), .userId = account->id, .createdAt = at.now, .expiresAt = at.loginUntil
    };
    const QByteArray refreshToken = makeRefreshToken(session.id);
    auto stored = m_parts.pool.write(
        context, [session, generation = account->generation, hash = storedHash(refreshToken)](Connection &c) {
            sessions::create(c, session, generation, hash);
            return true;
        });
    co_await std::move(stored);
    m_parts.audit.record({ .event = u"login"_s,
                           .actor = account->name,
                           .subject = account->name,
                           .address = address,
                           .requestId = context.requestId });
    co_return tokensFor(session, *account, refreshToken);
}

QCoro::Task<Tokens> Service::refresh(Context context, QByteArray refreshToken, QString address)
{
    const QByteArray session = sessionOf(refreshToken);
    if (session.isEmpty())
        throw notLoggedIn(u"the refresh token is not one of this server"_s);
    const QByteArray next = makeRefreshToken(session);
    auto rotated = m_parts.pool.write(
        context,
        [session, at = times(), used = storedHash(refreshToken), nextHash = storedHash(next)](Connection &c) {
            const Refreshed refreshed = sessions::rotate(c, session, used, nextHash, at);
            const bool isGood = refreshed.outcome == Refreshed::Outcome::Rotated;
            return std::pair(refreshed, isGood ? users::store::get(c, refreshed.session.userId) : Account());
        },
        [live = &m_parts.live](const std::pair<Refreshed, Account> &result) {
            if (result.first.outcome == Refreshed::Outcome::Reused)
                live->endSession(result.first.session.id, result.first.session.expiresAt);
        });
    const auto [refreshed, account] = co_await std::move(rotated);
    switch (refreshed.outcome) {
    case Refreshed::Outcome::Ended:
        throw notLoggedIn(u"the login has ended"_s);
    case Refreshed::Outcome::Reused:
        m_parts.audit.record({ .event = u"refresh_reused"_s,
                               .subject = u"user "_s + QString::number(refreshed.session.userId),
                               .address = address,
                               .requestId = context.requestId });
        throw notLoggedIn(u"the refresh token was used before: the login was ended"_s);
    case Refreshed::Outcome::Rotated:
        break;
    }
    co_return tokensFor(refreshed.session, account, next);
}

async::OneShot<bool> Service::logOut(Context context, QByteArray session, QString actor)
{
    const QByteArray requestId = context.requestId;
    // Without the context's token: a logout that was sent happens.
    return m_parts.pool.write(
        {},
        [session, at = times()](Connection &c) {
            const auto ended = sessions::revoke(c, session, at);
            return ended.has_value();
        },
        [live = &m_parts.live, audit = &m_parts.audit, session, until = times().accessUntil, actor = std::move(actor),
         requestId](bool wasThere) {
            live->endSession(session, until);
            if (wasThere)
                audit->record({ .event = u"logout"_s, .actor = actor, .subject = actor, .requestId = requestId });
        });
}

QByteArray Service::makeRefreshToken(const QByteArray &session) const
{
    const QByteArray signedPart = QByteArray::fromHex(session) + randomBytes(randomSize);
    return "gwr_" + toBase64Url(signedPart + keyedHash(m_parts.keyring.refreshKey(), signedPart).first(proofSize));
}

QByteArray Service::sessionOf(QByteArrayView refreshToken) const
{
    if (!refreshToken.startsWith("gwr_") || refreshToken.size() > 256)
        return {};
    const QByteArray bytes = fromBase64Url(refreshToken.sliced(4));
    if (bytes.size() != sessionSize + randomSize + proofSize)
        return {};
    const QByteArray signedPart = bytes.first(sessionSize + randomSize);
    const QByteArray proof = keyedHash(m_parts.keyring.refreshKey(), signedPart).first(proofSize);
    return isSameSecret(proof, bytes.last(proofSize)) ? signedPart.first(sessionSize).toHex() : QByteArray();
}

QByteArray Service::issue(const Session &session, const Account &account, protocol::Role role)
{
    const Timestamp now = m_parts.clock.timestamp();
    const bool isLogin = session.kind == Session::Kind::Login;
    const Claims claims{ .userId = account.id,
                         .role = role,
                         .session = session.id,
                         .generation = isLogin ? account.generation : 0,
                         .issuedAt = now,
                         .expiresAt = isLogin ? now + m_options.accessLifetime : session.expiresAt };
    return jwt::sign(claims, m_parts.keyring.newest());
}

Tokens Service::tokensFor(const Session &session, const Account &account, QByteArray refreshToken)
{
    return { .accessToken = issue(session, account, account.role),
             .refreshToken = std::move(refreshToken),
             .expiresIn = std::chrono::floor<std::chrono::seconds>(m_options.accessLifetime) };
}

QCoro::Task<CreatedToken> Service::createToken(Context context, NewToken token, QString actor)
{
    auto found = m_parts.accounts.find(context, token.user);
    const Account account = co_await std::move(found);
    if (token.role && *token.role > account.role)
        throw Error(
            Error::Code::FailedValidation,
            u"\"role\" must not be more than that of the user, who is %1"_s.arg(protocol::toString(account.role)));
    const Timestamp now = m_parts.clock.timestamp();
    const Session session{ .id = makeSecretId(),
                           .userId = account.id,
                           .user = account.name,
                           .kind = Session::Kind::Token,
                           .label = token.label,
                           .createdAt = now,
                           .expiresAt = now + token.lifetime };
    auto stored = m_parts.pool.write(context, [session, generation = account.generation](Connection &c) {
        sessions::create(c, session, generation, {});
        return true;
    });
    co_await std::move(stored);
    m_parts.audit.record({ .event = u"token_created"_s,
                           .actor = actor,
                           .subject = account.name + u' ' + QString::fromLatin1(session.id),
                           .requestId = context.requestId });
    co_return CreatedToken{ .session = session, .token = issue(session, account, token.role.value_or(account.role)) };
}

async::OneShot<QList<Session>> Service::tokens(Context context)
{
    return m_parts.pool.read(std::move(context), [](Connection &c) { return sessions::tokens(c, 1000); });
}

async::OneShot<Session> Service::revokeToken(Context context, QByteArray session, QString actor)
{
    const QByteArray requestId = context.requestId;
    return m_parts.pool.write(
        std::move(context),
        [session, at = times()](Connection &c) {
            const auto found = sessions::get(c, session);
            if (!found || found->kind != Session::Kind::Token)
                throw Error(Error::Code::NotFound, u"there is no token with this id"_s);
            return *sessions::revoke(c, session, at);
        },
        [live = &m_parts.live, audit = &m_parts.audit, actor = std::move(actor), requestId](const Session &revoked) {
            live->endSession(revoked.id, revoked.expiresAt);
            audit->record({ .event = u"token_revoked"_s,
                            .actor = actor,
                            .subject = QString::fromLatin1(revoked.id),
                            .requestId = requestId });
        });
}

QJsonObject Tokens::toJson() const
{
    return { { u"access_token"_s, QString::fromLatin1(accessToken) },
             { u"refresh_token"_s, QString::fromLatin1(refreshToken) },
             { u"token_type"_s, u"Bearer"_s },
             { u"expires_in"_s, qint64(expiresIn.count()) } };
}

Result<NewToken> NewToken::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    NewToken token{ .user = reader.string("user"_L1) };
    if (reader.has("label"_L1))
        token.label = reader.text("label"_L1);
    if (token.label.size() > 200)
        reader.fail("label"_L1, u"must not be longer than 200 characters"_s);
    if (reader.has("role"_L1)) {
        token.role = protocol::roleFrom(reader.string("role"_L1));
        if (!token.role)
            reader.fail("role"_L1, u"must be viewer, member, operator or admin"_s);
    }
    const qint64 lifetime = reader.integer("lifetime"_L1, qint64(token.lifetime.count()));
    constexpr auto longest = std::chrono::seconds(std::chrono::hours(365 * 24));
    if (lifetime < 1 || lifetime > longest.count())
        reader.fail("lifetime"_L1, u"must be from 1 to %1 seconds"_s.arg(longest.count()));
    token.lifetime = std::chrono::seconds(std::clamp<qint64>(lifetime, 1, longest.count()));
    return reader.finishBody(std::move(token));
}

QJsonObject toJson(const Session &session)
{
    return { { u"id"_s, QString::fromLatin1(session.id) },
             { u"user_id"_s, session.userId },
             { u"user"_s, session.user },
             { u"label"_s, session.label },
             { u"created_at"_s, toRfc3339(session.createdAt) },
             { u"expires_at"_s, toRfc3339(session.expiresAt) },
             { u"revoked_at"_s,
               session.revokedAt ? QJsonValue(toRfc3339(*session.revokedAt)) : QJsonValue(QJsonValue::Null) } };
}

} // namespace godwit::auth
