// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/shedding.h"

#include "server/metrics/inspecttoolkit.h"

using namespace Qt::StringLiterals;

namespace godwit::middleware {

struct alignas(64) Shedding::Loop
{
    std::unique_ptr<async::Shedder> shedder;
};

namespace {

size_t numberOfThisThread()
{
    static std::atomic<size_t> next{ 0 };
    static thread_local const size_t number = next.fetch_add(1, std::memory_order_relaxed);
    return number;
}

bool isExempt(QByteArrayView path)
{
    return path == "/health" || path.startsWith("/health/") || path == "/metrics";
}

} // namespace

Shedding::Shedding(const SheddingOptions &options, metrics::Inspector *inspector)
    : m_loops(std::make_unique<std::array<Loop, most>>())
{
    for (Loop &loop : *m_loops)
        loop.shedder = std::make_unique<async::Shedder>(async::Shedder::Options{ .name = u"requests"_s,
                                                                                 .target = options.target,
                                                                                 .interval = options.interval,
                                                                                 .longest = 2 * options.target });
    if (!inspector)
        return;
    const auto inspect = [this, options](protocol::RuntimePart &part) {
        const Figures now = figures();
        part.state = now.shedding > 0 ? u"shedding"_s : u"idle"_s;
        part.figures = { { u"shedding"_s, now.shedding },
                         { u"shed"_s, now.shed },
                         { u"waited"_s, metrics::seconds(now.waited) } };
        part.limits = { { u"target"_s, metrics::seconds(options.target) },
                        { u"interval"_s, metrics::seconds(options.interval) } };
    };
    m_inspected
        = inspector->add(metrics::Inspectable{ .kind = u"shedder"_s, .name = u"requests"_s, .inspect = inspect });
}

Shedding::~Shedding() = default;

void Shedding::before(http::Exchange &exchange)
{
    async::Shedder &shedder = *(*m_loops)[numberOfThisThread() % most].shedder;
    if (!shedder.admits(exchange.waited, exchange.startedAt) && !isExempt(exchange.request.path())) [[unlikely]]
        throw shedder.refusal(exchange.waited);
}

Shedding::Figures Shedding::figures() const
{
    Figures sum;
    for (const Loop &loop : *m_loops) {
        const auto one = loop.shedder->figures();
        sum.shedding += one.isShedding;
        sum.shed += one.shed;
        sum.waited = std::max(sum.waited, one.waited);
    }
    return sum;
}

} // namespace godwit::middleware
