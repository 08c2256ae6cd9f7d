// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"

#include <QByteArray>
#include <QList>
#include <QString>

#include <memory>
#include <mutex>
#include <optional>

namespace godwit::auth {

/// One that access tokens are signed with.
struct SigningKey
{
    QByteArray id; ///< the token's `kid`
    QByteArray secret; ///< 32 bytes
    Timestamp createdAt{};
};

/// The keys of this data folder, in a file that only its owner reads. The newest signs; the older ones verify until the
/// last token that they signed has expired, and are forgotten then. A list behind a short lock: any thread.
class Keyring
{
public:
    /// No token lives longer than this.
    static constexpr auto longestToken = std::chrono::hours(366 * 24);

    struct Options
    {
        QString file; ///< empty: in memory only
        std::chrono::milliseconds lifetime{ std::chrono::hours(30 * 24) }; ///< after which another key signs
    };

    /// Reads the file, or makes it. Throws Error::Internal for one that cannot be understood.
    explicit Keyring(Options options, const Clock &clock = Clock::system());

    /// Takes a new key if the newest has had its time, and forgets those that no token needs any more. To be called now
    /// and then. Throws Error::Internal where the file cannot be written; then all stays as it was.
    void rotateIfDue();
    /// Takes a new key now. Throws as rotateIfDue().
    void rotate();

    SigningKey newest() const;
    /// Nothing for one that is not known (any more).
    std::optional<SigningKey> find(QByteArrayView id) const;
    qsizetype size() const;

    /// What proves that a refresh token was made here. Stays the same.
    const QByteArray &refreshKey() const { return m_refreshKey; }

private:
    void read(const QByteArray &content);
    QList<SigningKey> neededKeys(Timestamp now) const;
    void keep(QList<SigningKey> keys);
    void save(const QList<SigningKey> &keys) const;

    const Options m_options;
    const Clock &m_clock;
    QByteArray m_refreshKey;
    mutable std::mutex m_mutex;
    QList<SigningKey> m_keys; // oldest first
};

} // namespace godwit::auth
