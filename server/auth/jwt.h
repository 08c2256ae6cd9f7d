// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/keyring.h"
#include "shared/core/result.h"
#include "shared/protocol/principal.h"

namespace godwit::auth {

/// What an access token says (RFC 7519, 4.1).
struct Claims
{
    qint64 userId = 0; ///< `sub`
    protocol::Role role = protocol::Role::Viewer; ///< the most that the token may
    QByteArray session{}; ///< `sid`: the login, or the token of a program, that it belongs to
    qint64 generation = 0; ///< `gen`: of the account; 0: of a program's token, which changes of it do not end
    Timestamp issuedAt{}, expiresAt{}; ///< `iat`, `exp`: whole seconds

    friend bool operator==(const Claims &, const Claims &) = default;
};

/// JSON Web Tokens by libjwt, which nobody else knows. One algorithm, HS256 with a key of ours: what a token's own
/// header says of it is compared, and never followed (RFC 8725, 3.1).
namespace jwt {

inline constexpr qsizetype longestToken = 2048; ///< bytes

QByteArray sign(const Claims &claims, const SigningKey &key);

/// Error::Unauthenticated, whose message says what is wrong with the token and nothing of what is in it.
Result<Claims> verify(QByteArrayView token, const Keyring &keyring, Timestamp now);

} // namespace jwt
} // namespace godwit::auth
