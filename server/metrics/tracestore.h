// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/trace.h"
#include "shared/protocol/trace.h"

#include <functional>
#include <memory>
#include <optional>

namespace godwit::metrics {

/// A request that has been answered, as whoever records it knows it.
struct AnsweredRequest
{
    async::TraceParent self; ///< its own ids
    quint64 parentId = 0; ///< of the caller's span; 0: none
    QByteArrayView method; ///< a literal, as `GET`
    QByteArrayView route; ///< the pattern, which outlives the store; empty where nothing matched
    int status = 0;
    TimePoint startedAt{};
    std::chrono::nanoseconds duration{ 0 };
    QByteArrayView requestId; ///< at most 128 characters
    QByteArrayView path{}; ///< as sent; for the listener
    QByteArrayView host{}; ///< the field Host; for the listener
    bool isSecure = false;
};

/// The last requests, and besides them those that were slow or failed, for longer: what GET /api/traces shows. Bounded.
///
/// A request that was answered at once costs a few plain stores into a ring that its thread alone writes (a sequence
/// lock a slot: readers try again, the writer never waits), and no allocation. What has spans, is slow or failed goes
/// into a ring of the thread behind a lock that only a reader ever contends for.
class TraceStore
{
public:
    struct Options
    {
        bool isOn = true; ///< off: nothing is recorded
        int recent = 1'000; ///< requests that are kept, a thread
        int notable = 500; ///< slow or failed ones, a thread
        std::chrono::milliseconds slow{ 1'000 }; ///< from where on one is slow
    };

    explicit TraceStore(Options options);
    ~TraceStore();
    TraceStore(const TraceStore &) = delete;
    TraceStore &operator=(const TraceStore &) = delete;

    const Options &options() const { return m_options; }

    /// Is told of each request, after it was kept; in its thread. Set before the first record().
    using Listener = std::function<void(const AnsweredRequest &, const std::shared_ptr<async::Trace> &)>;
    void setListener(Listener listener) { m_listener = std::move(listener); }
    bool hasListener() const { return bool(m_listener); }

    /// @p trace is null where nothing was recorded but the request itself. Any thread.
    void record(const AnsweredRequest &request, const std::shared_ptr<async::Trace> &trace);

    struct Query
    {
        QString requestId{}; ///< empty: all
        std::chrono::microseconds least{ 0 }; ///< duration
        bool onlyFailed = false; ///< 500 and above
        int limit = 100;
    };
    /// The newest first. Any thread.
    QList<protocol::TraceSummary> list(const Query &query) const;
    /// All requests of that trace, with what they did; nothing if it is unknown. Any thread.
    std::optional<protocol::TraceDetail> find(const QString &traceId) const;

    struct Figures
    {
        qint64 recorded = 0, withSpans = 0, notable = 0; ///< since the start
    };
    Figures figures() const;

private:
    struct Kept;
    struct Shard;
    struct Shards;
    Shard &shardOfThisThread();
    std::vector<Kept> all() const;

    const Options m_options;
    Listener m_listener;
    const std::unique_ptr<Shards> m_shards;
};

} // namespace godwit::metrics
