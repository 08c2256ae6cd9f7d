// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/jwt.h"

#include "server/auth/secrets.h"
#include "shared/core/jsonreader.h"

#include <QJsonDocument>

#include <jwt.h>

#include <algorithm>
#include <cstdlib>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::auth::jwt {

namespace {

struct Free
{
    void operator()(jwt_t *token) const { jwt_free(token); }
    void operator()(char *text) const { std::free(text); }
};
using Token = std::unique_ptr<jwt_t, Free>;
using Text = std::unique_ptr<char, Free>;

constexpr char issuer[] = "godwit";
/// Clocks of one server that was set back a little.
constexpr auto leeway = 60s;

void check(int result)
{
    if (result != 0)
        throw Error::internal(u"libjwt: %1"_s.arg(qt_error_string(result)));
}

const unsigned char *bytesOf(const SigningKey &key)
{
    return reinterpret_cast<const unsigned char *>(key.secret.constData());
}

long secondsOf(Timestamp time)
{
    return long(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

Timestamp timeOf(qint64 seconds)
{
    return Timestamp(std::chrono::seconds(seconds));
}

Failure bad(const QString &why)
{
    return failure(Error::Code::Unauthenticated, why);
}

/// Three parts of the letters of base64url (RFC 7515, 7.1), none of them empty.
bool isCompactForm(QByteArrayView token)
{
    if (token.size() > longestToken)
        return false;
    int dots = 0;
    char before = '.';
    for (const char c : token) {
        const bool isLetter
            = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (c == '.' ? (++dots > 2 || before == '.') : !isLetter)
            return false;
        before = c;
    }
    return dots == 2 && before != '.';
}

Result<SigningKey> keyFor(QByteArrayView token, const Keyring &keyring)
{
    const auto header = QJsonDocument::fromJson(fromBase64Url(token.first(token.indexOf('.')))).object();
    if (header.isEmpty())
        return bad(u"the token is malformed"_s);
    if (header["alg"_L1] != "HS256"_L1)
        return bad(u"the token's algorithm is not accepted"_s);
    if (header.contains("crit"_L1) || header.value("typ"_L1).toString(u"JWT"_s) != "JWT"_L1)
        return bad(u"the token is of an unknown kind"_s);
    auto key = keyring.find(header["kid"_L1].toString().toUtf8());
    if (!key)
        return bad(u"the token's key is not known"_s);
    return *std::move(key);
}

Result<Claims> readClaims(const QJsonObject &json)
{
    JsonReader reader(json);
    bool isNumber = false;
    Claims claims{ .userId = reader.string("sub"_L1).toLongLong(&isNumber),
                   .session = reader.string("sid"_L1).toLatin1(),
                   .generation = reader.integer("gen"_L1),
                   .issuedAt = timeOf(reader.integer("iat"_L1)),
                   .expiresAt = timeOf(reader.integer("exp"_L1)) };
    const auto role = protocol::roleFrom(reader.string("role"_L1));
    if (!isNumber || !role || reader.string("iss"_L1) != QLatin1StringView(issuer))
        reader.fail("iss"_L1, u"is not ours"_s);
    claims.role = role.value_or(protocol::Role::Viewer);
    return reader.finish(std::move(claims));
}

} // namespace

QByteArray sign(const Claims &claims, const SigningKey &key)
{
    jwt_t *raw = nullptr;
    check(jwt_new(&raw));
    const Token token(raw);
    check(jwt_add_header(raw, "kid", key.id.constData()));
    check(jwt_add_grant(raw, "iss", issuer));
    check(jwt_add_grant(raw, "sub", QByteArray::number(claims.userId).constData()));
    check(jwt_add_grant(raw, "role", protocol::toString(claims.role).toLatin1().constData()));
    check(jwt_add_grant(raw, "sid", claims.session.constData()));
    check(jwt_add_grant_int(raw, "gen", long(claims.generation)));
    check(jwt_add_grant_int(raw, "iat", secondsOf(claims.issuedAt)));
    check(jwt_add_grant_int(raw, "exp", secondsOf(claims.expiresAt)));
    check(jwt_set_alg(raw, JWT_ALG_HS256, bytesOf(key), int(key.secret.size())));
    const Text text(jwt_encode_str(raw));
    if (!text)
        throw Error::internal(u"libjwt: no token was made"_s);
    return QByteArray(text.get());
}

Result<Claims> verify(QByteArrayView token, const Keyring &keyring, Timestamp now)
{
    if (!isCompactForm(token))
        return bad(u"the token is malformed"_s);
    const auto key = keyFor(token, keyring);
    if (!key)
        return Failure(key.error());
    jwt_t *raw = nullptr;
    if (jwt_decode(&raw, token.toByteArray().constData(), bytesOf(*key), int(key->secret.size())) != 0)
        return bad(u"the token's signature is wrong"_s);
    const Token decoded(raw);
    if (jwt_get_alg(raw) != JWT_ALG_HS256) // said above already, of the bytes; this is what libjwt went by
        return bad(u"the token's algorithm is not accepted"_s);
    const Text json(jwt_get_grants_json(raw, nullptr));
    const auto claims = readClaims(QJsonDocument::fromJson(QByteArray(json.get())).object());
    if (!claims)
        return bad(u"the token's claims are not understood"_s);
    if (claims->expiresAt <= now)
        return bad(u"the token has expired"_s);
    if (claims->issuedAt > now + leeway)
        return bad(u"the token is of the future"_s);
    return *claims;
}

} // namespace godwit::auth::jwt
