// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/traceparent.h"
#include "shared/core/clock.h"

#include <QByteArray>

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace godwit::async {

/// What is done for one request, as a tree of spans: a span is a piece of the work with a begin and an end. Any thread:
/// a span costs an atomic increment at its begin, and a short lock at its end. Bounded: further spans are counted.
class Trace
{
    Q_DISABLE_COPY_MOVE(Trace)

public:
    using SpanId = quint32; ///< in order of their begins, from 1; 0: the request as a whole
    using Attributes = std::vector<std::pair<const char *, QByteArray>>;

    struct Recorded
    {
        SpanId id = 0, parent = 0;
        const char *name = ""; ///< a literal
        TimePoint start{}, end{};
        bool hasFailed = false;
        Attributes attributes{};
    };

    static constexpr SpanId mostSpans = 128;
    static constexpr qsizetype mostAttributeBytes = 256;

    /// @p self is the request as a whole; @p state what is passed on with it, see validTraceState().
    explicit Trace(const TraceParent &self, QByteArray state = {}) : m_self(self), m_state(std::move(state)) { }

    const TraceParent &self() const { return m_self; }
    const QByteArray &state() const { return m_state; }
    /// What to send with a request that is made within @p span.
    QByteArray traceparentOf(SpanId span) const;
    quint64 wireIdOf(SpanId span) const;

    /// 0 where there is no room.
    SpanId begin()
    {
        const SpanId id = m_begun.fetch_add(1, std::memory_order_relaxed) + 1;
        return id <= mostSpans ? id : 0;
    }
    void add(Recorded &&span);

    /// Those that have ended, in order of their begins.
    std::vector<Recorded> spans() const;
    /// Ended or not.
    int begun() const { return int(std::min(m_begun.load(std::memory_order_relaxed), mostSpans)); }
    /// That had no room.
    int dropped() const { return int(std::max(m_begun.load(std::memory_order_relaxed), mostSpans) - mostSpans); }

private:
    const TraceParent m_self;
    const QByteArray m_state;
    std::atomic<SpanId> m_begun{ 0 };
    mutable std::mutex m_mutex;
    std::vector<Recorded> m_spans; // guarded by m_mutex
};

/// Where in a trace a piece of work stands; empty outside of one. Travels in Context. An empty one costs nothing.
struct TracePosition
{
    std::shared_ptr<Trace> trace{}; // shared by all that is done for a request, which may outlive it
    Trace::SpanId span = 0;

    explicit operator bool() const { return bool(trace); }
};

/// A piece of the work of a request, from the making of this to its end(). Nothing without a trace. One thread at a
/// time.
///
///     Span span(context.trace, "cache");
///     ...
///     if (span)
///         span.set("outcome", "hit");
class Span
{
public:
    Span() = default;
    /// @p name is a literal.
    Span(const TracePosition &position, const char *name)
        : Span(position, name, position ? std::chrono::steady_clock::now() : TimePoint())
    {
    }
    Span(const TracePosition &position, const char *name, TimePoint start)
    {
        if (position) [[unlikely]]
            begin(position, name, start);
    }
    Span(Span &&) noexcept = default;
    Span &operator=(Span &&other) noexcept
    {
        std::swap(m_trace, other.m_trace);
        std::swap(m_span, other.m_span);
        return *this;
    }
    ~Span() { end(); }

    /// Whether anybody will see it.
    explicit operator bool() const { return bool(m_trace); }
    /// @p name is a literal; long values are cut.
    void set(const char *name, QByteArray value);
    void set(const char *name, qint64 value);
    /// Marks it as failed, and says why.
    void fail(const QByteArray &why);
    /// The same with what is being thrown. Call inside a catch block.
    void failWithCurrentException();
    void end();

    /// Of what is done within.
    TracePosition position() const { return { m_trace, m_span.id }; }

private:
    void begin(const TracePosition &position, const char *name, TimePoint start);

    std::shared_ptr<Trace> m_trace; // see TracePosition
    Trace::Recorded m_span;
};

} // namespace godwit::async
