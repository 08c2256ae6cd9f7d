// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/deadline.h"
#include "shared/core/error.h"

#include <QByteArray>

#include <stop_token>

namespace godwit::async {

/// What travels with a piece of work, as the first argument of every service call: how to learn that nobody wants it
/// any more, until when it is wanted, and the request that it belongs to. Cheap to copy.
struct Context
{
    std::stop_token stop{}; ///< fires when the client has left, the deadline is past, or a drain is over
    Deadline deadline{};
    QByteArray requestId{}; ///< empty outside a request

    bool isStopped() const { return stop.stop_requested() || deadline.hasPassed(); }

    /// Why the work ended: DeadlineExceeded if the deadline is past, else Cancelled.
    Error stopError() const
    {
        if (deadline.hasPassed())
            return { Error::Code::DeadlineExceeded, QStringLiteral("the deadline has passed") };
        return Error::cancelled();
    }

    void throwIfStopped() const
    {
        if (isStopped())
            throw stopError();
    }
};

} // namespace godwit::async
