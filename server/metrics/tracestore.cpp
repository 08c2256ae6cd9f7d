// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/tracestore.h"

#include "server/metrics/sequencelocked.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

using namespace Qt::StringLiterals;

namespace godwit::metrics {

namespace {

/// A request in a form that can be copied byte by byte: what it points to outlives the store.
struct Packed
{
    std::array<quint64, 2> traceId;
    quint64 spanId, parentId;
    qint64 startedAt, duration; // ns of the steady clock
    const char *method, *route;
    quint32 methodSize, routeSize;
    quint16 status;
    quint8 flags, idSize;
    quint32 unused;
    std::array<char, 128> id;

    size_t used() const { return sizeof(Packed) - id.size() + idSize; }
};

Packed packed(const AnsweredRequest &request)
{
    Packed result;
    result.traceId = request.self.traceId;
    result.spanId = request.self.spanId;
    result.parentId = request.parentId;
    result.startedAt = std::chrono::nanoseconds(request.startedAt.time_since_epoch()).count();
    result.duration = request.duration.count();
    result.method = request.method.data();
    result.route = request.route.data();
    result.methodSize = quint32(request.method.size());
    result.routeSize = quint32(request.route.size());
    result.status = quint16(request.status);
    result.flags = request.self.flags;
    result.unused = 0;
    result.idSize = quint8(std::min(request.requestId.size(), qsizetype(result.id.size())));
    if (result.idSize > 0)
        std::memcpy(result.id.data(), request.requestId.data(), result.idSize);
    return result;
}

/// The steady clock's time as that of the day. The day's clock may be set meanwhile: so asked anew for each answer.
class Calendar
{
public:
    Timestamp operator()(qint64 steadyNanoseconds) const
    {
        using namespace std::chrono;
        return time_point_cast<milliseconds>(
            m_day
            + duration_cast<system_clock::duration>(nanoseconds(steadyNanoseconds) - m_steady.time_since_epoch()));
    }

private:
    const TimePoint m_steady = std::chrono::steady_clock::now();
    const std::chrono::system_clock::time_point m_day = std::chrono::system_clock::now();
};

std::atomic<quint64> nextStore{ 1 };

} // namespace

struct TraceStore::Kept
{
    Packed request{};
    std::shared_ptr<async::Trace> trace{}; // shared with what is still being done for the request
};

/// What one thread keeps.
struct TraceStore::Shard
{
    explicit Shard(const Options &options)
        : recent(size_t(std::max(1, options.recent))),
          spans(recent.size()),
          notable(size_t(std::max(1, options.notable)))
    {
    }

    std::vector<SequenceLocked<Packed>> recent;
    size_t nextRecent = 0; // of the thread alone
    std::atomic<qint64> recorded{ 0 }, withSpans{ 0 }, notables{ 0 }; // written by the thread alone

    std::mutex mutex; // guards all below; a reader holds it as long as it copies, without an allocation
    std::vector<std::shared_ptr<async::Trace>> spans; // shared with what is still being done
    std::vector<Kept> notable;
    size_t nextSpans = 0, nextNotable = 0;
};

/// As in HttpMetrics: a thread that has ended leaves what it kept.
struct TraceStore::Shards
{
    const quint64 serial = nextStore.fetch_add(1);
    mutable std::mutex mutex;
    std::map<std::thread::id, std::unique_ptr<Shard>> byThread;
};

TraceStore::TraceStore(Options options) : m_options(options), m_shards(std::make_unique<Shards>()) { }
TraceStore::~TraceStore() = default;

TraceStore::Shard &TraceStore::shardOfThisThread()
{
    struct Mine
    {
        quint64 serial = 0;
        Shard *shard = nullptr;
    };
    static thread_local Mine mine;
    if (mine.serial == m_shards->serial) [[likely]] {
        Q_ASSERT(mine.shard); // set with the serial
        return *mine.shard;
    }
    const std::lock_guard lock(m_shards->mutex);
    auto &shard = m_shards->byThread[std::this_thread::get_id()];
    if (!shard)
        shard = std::make_unique<Shard>(m_options);
    mine = { m_shards->serial, shard.get() };
    return *shard;
}

void TraceStore::record(const AnsweredRequest &request, const std::shared_ptr<async::Trace> &trace)
{
    Shard &shard = shardOfThisThread();
    const auto count = [](std::atomic<qint64> &counter) {
        counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    };
    const Packed value = packed(request);
    shard.recent[shard.nextRecent].write(value, value.used());
    if (++shard.nextRecent == shard.recent.size())
        shard.nextRecent = 0;
    count(shard.recorded);
    const bool isNotable = request.status >= 500 || request.duration >= m_options.slow;
    if (trace || isNotable) {
        std::shared_ptr<async::Trace> replaced; // freed without the lock
        const std::lock_guard lock(shard.mutex);
        if (trace) {
            replaced = std::exchange(shard.spans[shard.nextSpans], trace);
            shard.nextSpans = (shard.nextSpans + 1) % shard.spans.size();
            count(shard.withSpans);
        }
        if (isNotable) {
            shard.notable[shard.nextNotable] = { .request = value, .trace = trace };
            shard.nextNotable = (shard.nextNotable + 1) % shard.notable.size();
            count(shard.notables);
        }
    }
    if (m_listener)
        m_listener(request, trace);
}

/// Each request once, with its spans if they are still there.
std::vector<TraceStore::Kept> TraceStore::all() const
{
    std::map<std::pair<std::array<quint64, 2>, quint64>, Kept> byId;
    const auto idOf = [](const Packed &request) { return std::pair(request.traceId, request.spanId); };
    const std::lock_guard lock(m_shards->mutex);
    for (const auto &[thread, shard] : m_shards->byThread) {
        for (const SequenceLocked<Packed> &slot : shard->recent) {
            Packed request{};
            if (slot.read(request))
                byId[idOf(request)].request = request;
        }
        std::vector<Kept> notable(shard->notable.size());
        std::vector<std::shared_ptr<async::Trace>> spans(shard->spans.size());
        {
            const std::lock_guard shardLock(shard->mutex);
            std::ranges::copy(shard->notable, notable.begin());
            std::ranges::copy(shard->spans, spans.begin());
        }
        for (Kept &kept : notable) {
            if (kept.request.spanId != 0)
                byId[idOf(kept.request)] = std::move(kept);
        }
        for (const std::shared_ptr<async::Trace> &trace : spans) {
            if (!trace)
                continue;
            const auto known = byId.find({ trace->self().traceId, trace->self().spanId });
            if (known != byId.end())
                known->second.trace = trace;
        }
    }
    std::vector<Kept> result;
    result.reserve(byId.size());
    for (auto &[id, kept] : byId)
        result.push_back(std::move(kept));
    return result;
}

namespace {

QString nameOf(const Packed &request)
{
    const QByteArrayView route = request.routeSize > 0 ? QByteArrayView(request.route, qsizetype(request.routeSize))
                                                       : QByteArrayView("(no route)");
    return QString::fromLatin1(QByteArrayView(request.method, qsizetype(request.methodSize))) + u' '
        + QString::fromUtf8(route);
}

QString requestIdOf(const Packed &request)
{
    return QString::fromLatin1(request.id.data(), request.idSize);
}

QString traceIdOf(const Packed &request)
{
    return QString::fromLatin1(async::TraceParent{ .traceId = request.traceId }.traceIdText());
}

qint64 microseconds(qint64 nanoseconds)
{
    return nanoseconds / 1000;
}

protocol::TraceSpan rootSpan(const Packed &request)
{
    return { .id = QString::fromLatin1(async::TraceParent::spanIdText(request.spanId)),
             .parent
             = request.parentId ? QString::fromLatin1(async::TraceParent::spanIdText(request.parentId)) : QString(),
             .name = nameOf(request),
             .startUs = microseconds(request.startedAt),
             .durationUs = microseconds(request.duration),
             .hasFailed = request.status >= 500,
             .attributes = { { u"status"_s, request.status }, { u"request_id"_s, requestIdOf(request) } } };
}

void appendSpans(QList<protocol::TraceSpan> &spans, const async::Trace &trace)
{
    for (const async::Trace::Recorded &recorded : trace.spans()) {
        const auto since
            = [](TimePoint time) { return microseconds(std::chrono::nanoseconds(time.time_since_epoch()).count()); };
        protocol::TraceSpan span{
            .id = QString::fromLatin1(async::TraceParent::spanIdText(trace.wireIdOf(recorded.id))),
            .parent = QString::fromLatin1(async::TraceParent::spanIdText(trace.wireIdOf(recorded.parent))),
            .name = QString::fromLatin1(recorded.name),
            .startUs = since(recorded.start),
            .durationUs = since(recorded.end) - since(recorded.start),
            .hasFailed = recorded.hasFailed
        };
        for (const auto &[name, value] : recorded.attributes) {
            QString key = QString::fromLatin1(name);
            for (int number = 2; span.attributes.contains(key); ++number)
                key = QString::fromLatin1(name) + u'_' + QString::number(number);
            span.attributes[key] = QString::fromUtf8(value);
        }
        spans.append(std::move(span));
    }
}

} // namespace

QList<protocol::TraceSummary> TraceStore::list(const Query &query) const
{
    std::vector<Kept> kept = all();
    std::erase_if(kept, [&query](const Kept &one) {
        return one.request.duration < std::chrono::nanoseconds(query.least).count()
            || (query.onlyFailed && one.request.status < 500)
            || (!query.requestId.isEmpty() && requestIdOf(one.request) != query.requestId);
    });
    std::ranges::sort(kept, std::greater<>(), [](const Kept &one) { return one.request.startedAt; });
    const Calendar calendar;
    QList<protocol::TraceSummary> list;
    for (const Kept &one : kept) {
        if (list.size() >= query.limit)
            break;
        list.append({ .traceId = traceIdOf(one.request),
                      .requestId = requestIdOf(one.request),
                      .name = nameOf(one.request),
                      .status = one.request.status,
                      .timestamp = calendar(one.request.startedAt),
                      .durationUs = microseconds(one.request.duration) });
    }
    return list;
}

std::optional<protocol::TraceDetail> TraceStore::find(const QString &traceId) const
{
    const auto id = async::TraceParent::parseTraceId(traceId.toLatin1());
    if (!id)
        return {};
    protocol::TraceDetail detail{ .traceId = traceId };
    for (const Kept &one : all()) {
        if (one.request.traceId != *id)
            continue;
        detail.spans.append(rootSpan(one.request));
        if (one.trace) {
            appendSpans(detail.spans, *one.trace);
            detail.dropped += one.trace->dropped();
        }
    }
    if (detail.spans.isEmpty())
        return {};
    std::ranges::stable_sort(detail.spans, {}, &protocol::TraceSpan::startUs);
    const qint64 first = detail.spans.first().startUs;
    detail.timestamp = Calendar()(first * 1000);
    for (protocol::TraceSpan &span : detail.spans)
        span.startUs -= first;
    return detail;
}

TraceStore::Figures TraceStore::figures() const
{
    Figures figures;
    const std::lock_guard lock(m_shards->mutex);
    for (const auto &[thread, shard] : m_shards->byThread) {
        figures.recorded += shard->recorded.load(std::memory_order_relaxed);
        figures.withSpans += shard->withSpans.load(std::memory_order_relaxed);
        figures.notable += shard->notables.load(std::memory_order_relaxed);
    }
    return figures;
}

} // namespace godwit::metrics
