// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/deadline.h"
#include "shared/async/trace.h"
#include "shared/core/error.h"

#include <QByteArray>

#include <optional>
#include <stop_token>

namespace godwit::async {

/// What travels with a piece of work, as the first argument of every service call: how to learn that nobody wants it
/// any more, until when it is wanted, and the request that it belongs to. Cheap to copy.
struct Context
{
    std::stop_token stop{}; ///< fires when the client has left, the deadline is past, or a drain is over
    Deadline deadline{};
    QByteArray requestId{}; ///< empty outside a request
    TracePosition trace{}; ///< empty where nobody records what is done

    /// The same work with another token and deadline.
    Context with(std::stop_token otherStop, Deadline otherDeadline) const
    {
        return { .stop = std::move(otherStop), .deadline = otherDeadline, .requestId = requestId, .trace = trace };
    }
    /// What is done within @p span.
    Context within(const Span &span) const
    {
        return { .stop = stop, .deadline = deadline, .requestId = requestId, .trace = span ? span.position() : trace };
    }

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

/// One of several parts of the work, with a span of its own and a context in which what it does stands under that.
/// Without a trace it is the outer context itself. Lives as long as the part.
class Branch
{
public:
    /// Begins it: the context for the part, which is this one's or @p outer. @p name and @p attribute are literals.
    const Context &begin(const Context &outer, const char *name, const char *attribute, qint64 value)
    {
        if (!outer.trace) [[likely]]
            return outer;
        m_span = Span(outer.trace, name);
        m_span.set(attribute, value);
        return m_context.emplace(outer.within(m_span));
    }
    void end() { m_span.end(); }
    /// Inside a catch block.
    void fail()
    {
        m_span.failWithCurrentException();
        m_span.end();
    }

private:
    Span m_span;
    std::optional<Context> m_context;
};

} // namespace godwit::async
