// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/metrics/inspectable.h"
#include "server/operations/metricsfeed.h"
#include "server/runtime/blockingpool.h"

#include <atomic>
#include <functional>

namespace godwit::operations {

/// Looks at the parts of the server, and acts on them, from a thread of its own: the parts may wait for the reactors,
/// and what keeps the other threads busy does not keep from seeing it. All functions from any thread.
class RuntimeWatch
{
public:
    explicit RuntimeWatch(const metrics::Inspector &inspector, const Clock &clock = Clock::system());

    /// Rendered: as GET /api/runtime shows it. Error::Unavailable while too many ask.
    async::OneShot<QByteArray> snapshot(async::Context context, metrics::InspectorQuery query);
    /// See Inspector::act().
    async::OneShot<void> act(async::Context context, QString kind, QString name, QString action);

    /// Something that was done by hand, or tried.
    struct Deed
    {
        QString action, kind, name;
        QString actor;
        QString outcome; ///< `done`, or why not
        QByteArray requestId;
    };
    using Auditor = std::function<void(const Deed &)>;
    /// Is told of what is done over HTTP, on the request's reactor. Before the first request.
    void setAuditor(Auditor auditor) { m_auditor = std::move(auditor); }
    void audit(const Deed &deed) const { m_auditor(deed); }

    /// For what else is looked at and takes its time.
    template<class Work>
    auto look(async::Context context, Work work)
    {
        return m_thread.run(std::move(context), std::move(work));
    }

    /// Once a second, of whoever has a timer: publishes a snapshot if somebody listens, and the last one is done.
    void tick();
    /// On the stream's reactor; the first snapshot follows soon.
    void subscribe(const std::shared_ptr<http::EventStream> &stream, QByteArrayView lastEventId);

private:
    static runtime::Options oneThread();

    const metrics::Inspector &m_inspector;
    Auditor m_auditor = [](const Deed &) { };
    const Clock &m_clock;
    RecentEvents m_events{ "runtime", 1 }; // states and not changes: the newest is all that one needs
    std::atomic<bool> m_isPublishing{ false };
    qint64 m_counter = 0; // of the thread
    runtime::BlockingPool m_thread; // last: what runs in it uses all of the above
};

} // namespace godwit::operations
