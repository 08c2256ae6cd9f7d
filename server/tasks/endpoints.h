// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/eventhub.h"
#include "server/http/router.h"
#include "server/tasks/service.h"

#include <map>
#include <mutex>

namespace godwit::tasks {

/// The tasks that somebody watches over Server-Sent Events. Any thread. Lives as long as the router that uses it.
class Streams
{
public:
    explicit Streams(Service &service);

    /// Sends @p stream where @p task is now, then each change, then `event: end` with its last. On the stream's
    /// reactor.
    /// @return false if nothing is known of it here though it has not ended: it may have since @p task was read.
    bool watch(const protocol::Task &task, const std::shared_ptr<http::EventStream> &stream);

    /// Whether @p lastEventId is that of the last event there will ever be of @p task.
    bool hasEndedWith(QByteArrayView lastEventId, const protocol::Task &task) const;

private:
    struct Hubs
    {
        std::mutex mutex; // held while a new stream gets its first event: none comes in between
        std::map<qint64, http::EventHub> byTask;
        /// Offsets of the last events of the newest tasks that have ended, by which those who come back are known.
        std::map<qint64, quint64> lastOffsets;
    };

    /// Of the last event of a task that has ended; 0 where it is not remembered. Under the lock.
    quint64 lastOffsetOf(qint64 task) const;

    Service &m_service;
    const std::shared_ptr<Hubs> m_hubs; // shared with the service's listener, which lives as long as the service
};

/// POST and GET /api/tasks, GET and DELETE /api/tasks/{id}, POST .../cancel and .../retry, GET .../events
/// and .../log.
/// @p service and @p streams outlive the router.
void addTaskRoutes(http::Router &router, Service &service, Streams &streams);

} // namespace godwit::tasks
