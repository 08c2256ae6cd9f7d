// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/runtime/blockingpool.h"
#include "shared/async/bulkhead.h"
#include "shared/core/result.h"

#include <QCoroTask>

namespace godwit::users {

/// Hashes and checks passwords: Argon2id (RFC 9106; libsodium's crypto_pwhash_str), which is slow on purpose. So it
/// runs on blocking threads and behind a bulkhead: a storm of logins holds up other logins, up to a refusal with
/// Error::Unavailable, and nobody else. A front: all functions from any thread with an event loop.
class PasswordHasher
{
public:
    /// libsodium's "interactive" cost: about 60 ms and 64 MiB a hash on a machine of 2023.
    struct Options
    {
        quint64 passes = 2;
        qsizetype memoryBytes = 64 * 1024 * 1024;
        int concurrency = 0; ///< at a time; 0: half of the cores, at least one. Bounds memory and heat.
        int queue = 32; ///< that wait
    };

    explicit PasswordHasher(runtime::BlockingPool &threads) : PasswordHasher(threads, Options{}) { }
    PasswordHasher(runtime::BlockingPool &threads, Options options);

    /// As it is stored: algorithm, cost, salt and hash in ASCII.
    QCoro::Task<QByteArray> hash(async::Context context, QString password);
    /// Whether @p password is the one of @p hash. An empty hash takes as long as any other and is never right: so one
    /// cannot tell by the time whether there is such a user.
    QCoro::Task<bool> verify(async::Context context, QString password, QByteArray hash);

    /// hash() in this thread, which it holds up: for the start and for commands.
    QByteArray hashNow(const QString &password) const;

    async::Bulkhead::Figures figures() const { return m_bulkhead.figures(); }
    const async::Bulkhead &bulkhead() const { return m_bulkhead; }

private:
    runtime::BlockingPool &m_threads;
    const Options m_options;
    async::Bulkhead m_bulkhead;
    const QByteArray m_dummy; // of no password, at the same cost
};

inline constexpr qsizetype minPasswordLength = 8; ///< UTF-16 units (NIST SP 800-63B, 5.1.1.2)
inline constexpr qsizetype maxPasswordLength = 256;

/// Error::FailedValidation for one that is too short or too long, or has control characters.
Result<void> checkPassword(const QString &password);

/// 24 characters of `[A-Za-z0-9]`, some 142 bits, from the system's random source.
QString makePassword();

} // namespace godwit::users
