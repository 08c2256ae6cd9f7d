// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/oneshot.h"

#include <QByteArray>

#include <functional>
#include <optional>

namespace godwit::http {

/// The body of a request while it arrives, for routes that take it in pieces (Route::streamed()): Body's counterpart.
/// What the handler has not taken is bounded, for the channel stops reading the socket meanwhile and TCP holds the
/// client back. Lives in the exchange, on its reactor.
///
///     for (;;) {
///         auto arriving = exchange.incoming().next();
///         const QByteArray piece = co_await std::move(arriving);
///         if (piece.isEmpty())
///             break;
class IncomingBody
{
    Q_DISABLE_COPY_MOVE(IncomingBody)

public:
    /// One that has arrived.
    explicit IncomingBody(QByteArray whole) : m_arrived(std::move(whole)), m_isComplete(true) { }
    /// One that is to arrive; @p wanted is called whenever the handler asks for more of it.
    explicit IncomingBody(std::function<void()> wanted) : m_wanted(std::move(wanted)) { }

    /// What has arrived since, at least a byte; nothing at the end. One call at a time. What came before a failure is
    /// given first, then it fails with Error: Cancelled where the client has left or the request is stopped,
    /// DeadlineExceeded where it sends too slowly, InvalidArgument and PayloadTooLarge for chunks that are none or too
    /// many.
    async::OneShot<QByteArray> next();

    // For the channel.
    qsizetype size() const { return m_arrived.size(); } ///< that has not been taken
    bool isWanted() const { return m_waiter.has_value(); }
    void append(QByteArray piece);
    void complete();
    void fail(const Error &error); ///< the first reason counts

private:
    QByteArray m_arrived;
    std::function<void()> m_wanted;
    std::optional<async::OneShot<QByteArray>::Finisher> m_waiter;
    std::optional<Error> m_error;
    bool m_isComplete = false;
};

} // namespace godwit::http
