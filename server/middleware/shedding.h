// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/pipeline.h"
#include "server/metrics/inspectable.h"
#include "server/middleware/sheddingoptions.h"
#include "shared/async/shedder.h"

#include <array>
#include <memory>

namespace godwit::middleware {

/// Refuses a part of the requests (503) while the event loops have more to do than they can: better some answers in
/// time than all of them late. How long a request has waited for its loop (Exchange::waited) is the measure: it counts
/// all that keeps a loop busy, whatever it is, and nothing that does not, such as a slow database. Each loop is a queue
/// of its own, so each has a shedder of its own.
///
/// Never refused are `/health` and below and `/metrics`, by which one sees that it is so, and what has begun: open
/// streams and WebSockets ask nothing anew. About 5 ns a request.
class Shedding final : public http::Middleware
{
public:
    /// @param inspector shows it, if there is one.
    explicit Shedding(const SheddingOptions &options, metrics::Inspector *inspector = nullptr);
    ~Shedding() override;

    void before(http::Exchange &exchange) override;

    struct Figures
    {
        int shedding = 0; ///< loops that do at the moment
        qint64 shed = 0; ///< since the start
        std::chrono::nanoseconds waited{ 0 }; ///< the longest of the loops' last waits beyond the target
    };
    Figures figures() const;

private:
    /// One a thread, on a cache line of its own. Threads beyond so many share.
    static constexpr size_t most = 64;
    struct Loop;
    std::unique_ptr<std::array<Loop, most>> m_loops;
    metrics::Inspector::Registration m_inspected;
};

} // namespace godwit::middleware
