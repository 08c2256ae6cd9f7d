// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/jwt.h"

#include <QHash>

#include <mutex>

namespace godwit::auth {

/// Tickets for those who cannot set headers (a browser's WebSocket and EventSource): good once, and for some seconds.
/// In memory only; a table behind a short lock, bounded, and in bounds for each user.
class Tickets
{
public:
    struct Holder
    {
        std::shared_ptr<const protocol::Principal> principal;
        /// Of the token that it was asked for with; null: no token of a user.
        std::shared_ptr<const Claims> claims;
    };
    struct Options
    {
        std::chrono::milliseconds lifetime{ 30'000 };
        qsizetype most = 10'000;
        qsizetype mostOfAUser = 100;
    };

    explicit Tickets(Options options) : m_options(options) { }

    /// `gwk_` and 43 letters. Error::ResourceExhausted beyond the bounds.
    Result<QByteArray> make(Holder holder, TimePoint now);
    /// The holder, once. Nothing for one that is unknown, used or too old.
    std::optional<Holder> redeem(QByteArrayView ticket, TimePoint now);
    qsizetype size() const;

private:
    struct Entry
    {
        Holder holder;
        TimePoint goodUntil;
    };
    void forgetOld(TimePoint now);

    const Options m_options;
    mutable std::mutex m_mutex;
    QHash<QByteArray, Entry> m_tickets;
};

} // namespace godwit::auth
