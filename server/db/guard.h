// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/options.h"
#include "shared/async/circuitbreaker.h"
#include "shared/async/context.h"
#include "shared/async/faults.h"
#include "shared/async/retry.h"
#include "shared/async/shedder.h"

#include <optional>

namespace godwit::db {

/// What a job brings with it from its submission to its end.
struct Pass
{
    std::optional<async::CircuitBreaker::Permit> permit{}; ///< of a request's job only
    TimePoint since{}; ///< it waits
    int attempt = 1;
    bool isRepeatable = false;
};

/// Stands between the requests and the database: while it fails they are not let through to it, while too many wait
/// for it some are refused, and what failed in passing is tried again. What the server does for itself (without a
/// request id) passes by: it has nobody who could come again, and no deadline to end a hang. Any thread.
class Guard
{
public:
    explicit Guard(const Options &options, async::Faults *faults);

    static bool concerns(const async::Context &context) { return !context.requestId.isEmpty(); }

    /// Of a request's job, before it waits for a connection: what refuses it, if anything does.
    std::optional<Error> enter(Pass &pass);
    /// When its turn to read has come. Throws what refuses it.
    void shed(const Pass &pass);
    /// Just before it is run: throws, or takes, what was asked for on purpose.
    void suffer(const async::Context &context, const std::atomic<bool> &abort);

    void succeeded(Pass &pass);
    /// It was run, or could not be, and ended with @p error. @p hadOutage: what was seen of the database says that it
    /// is its fault.
    void failed(Pass &pass, const Error &error, bool hadOutage);
    /// How long to wait before another attempt, or nothing if @p error is the answer.
    std::optional<std::chrono::milliseconds> retryAfter(const Pass &pass, const async::Context &context,
                                                        const Error &error);

    async::CircuitBreaker breaker;
    async::Shedder shedder;
    async::RetryBudget budget;

private:
    const bool m_sheds;
    async::Faults *const m_faults; // not owned; may be null
    async::RetryPolicy m_policy;
};

} // namespace godwit::db
