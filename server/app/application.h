// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/app/datafolder.h"
#include "server/app/drain.h"
#include "server/app/filesharing.h"
#include "server/app/loginwatch.h"
#include "server/app/security.h"
#include "server/chat/liverooms.h"
#include "server/chat/service.h"
#include "server/config/config.h"
#include "server/db/pool.h"
#include "server/exports/service.h"
#include "server/http/listener.h"
#include "server/http/pipeline.h"
#include "server/http/router.h"
#include "server/log/eventlog.h"
#include "server/metrics/httpmetrics.h"
#include "server/metrics/inspectable.h"
#include "server/metrics/registry.h"
#include "server/metrics/sampler.h"
#include "server/metrics/tracestore.h"
#include "server/middleware/drain.h"
#include "server/operations/logfeed.h"
#include "server/operations/metricsfeed.h"
#include "server/operations/pages.h"
#include "server/operations/readiness.h"
#include "server/operations/runtimewatch.h"
#include "server/outbound/client.h"
#include "server/outbound/traceexporter.h"
#include "server/outbound/webhooks.h"
#include "server/runtime/blockingpool.h"
#include "server/runtime/reactor.h"
#include "server/search/service.h"
#include "server/sensors/service.h"
#include "server/tasks/endpoints.h"
#include "server/tasks/schedules.h"
#include "server/tasks/service.h"
#include "server/users/service.h"

#include <QObject>
#include <QTimer>

namespace godwit::app {

/// The daemon: the only place where its parts are put together. The order of the members is the order of their start,
/// and reversed that of their end. Lives in the main thread, which needs an event loop for the samples and the drain.
class Application final : public QObject
{
    Q_OBJECT
public:
    /// Opens and migrates the database. Throws Error.
    Application(config::Config config, DataFolder folder);
    /// Cuts what is still open; see drain().
    ~Application() override;

    /// Opens the addresses of the configuration, or takes @p inherited sockets in place of them, and serves. Throws
    /// Error.
    /// @return where: `http://127.0.0.1:8420`, `unix:/run/godwit.sock`.
    QStringList listen(const std::vector<int> &inherited = {});

    /// Reads certificate and key again; connections that are open keep theirs. What is wrong goes to the log, and the
    /// old ones stay in force.
    void reloadCertificate();

    /// Comes to rest as Drain says; drained() follows within the configuration's drain_timeout.
    void drain();
    /// Whether no task runs any more, and no sensor is read. One that does not listen to its stop, or hangs, holds the
    /// destructor up for as long as it likes: then the process is better left at once, as it loses nothing that was
    /// acknowledged.
    bool isAtRest() const
    {
        return m_tasks.runningCount() == 0 && m_sensors.activity() == sensors::Devices::Activity::AtRest;
    }

    const http::Router &router() const { return m_router; }
    runtime::ReactorGroup &reactors() { return m_reactors; }

Q_SIGNALS:
    void drained();

private:
    /// A socket a reactor for each address.
    using Sockets = std::vector<std::vector<http::ListenSocket>>;
    Sockets openSockets() const;
    Sockets takeSockets(const std::vector<int> &inherited) const;
    static search::Service::Options toSearch(const config::Search &search);
    http::Router makeRouter();
    std::vector<std::unique_ptr<http::Middleware>> makeMiddleware();
    http::ListenOptions makeListenOptions() const;
    metrics::ConnectionFigures connectionFigures() const;
    bool mayEnd() const;
    void auditDeeds();
    void tellOthers();
    void addFigures();
    void addInspected();
    void beginFaults();

    const config::Config m_config;
    DataFolder m_folder;
    metrics::Inspector m_inspector; // before what registers itself
    async::Faults m_databaseFaults{ QStringLiteral("the database") };
    async::Faults m_upstreamFaults{ QStringLiteral("the other server") };
    db::Pool m_pool;
    const int m_migrated; // migrations that were applied
    runtime::BlockingPool m_blocking;
    Security m_security;
    users::Service m_users{ m_pool, m_security.accounts() };
    search::Service m_search{ m_pool, toSearch(m_config.search) };
    log::EventLog m_events{ m_pool, m_config.events };
    chat::Service m_chat{ m_pool, m_events };
    FileSharing m_files;
    const std::shared_ptr<chat::LiveRooms> m_rooms = std::make_shared<chat::LiveRooms>(); // see registerEndpoints()
    std::unique_ptr<async::RateLimiter> m_chatLimiter; // null: no limit
    exports::Service m_exports{ m_pool, m_config.exports };
    outbound::Client m_outbound;
    outbound::Webhooks m_webhooks{ m_outbound, m_config.webhooks };
    outbound::TraceExporter m_exporter;
    tasks::Service m_tasks{ m_pool, m_blocking, m_config.tasks };
    tasks::Schedules m_schedules{ m_pool, m_tasks };
    tasks::Streams m_taskStreams{ m_tasks };
    sensors::Service m_sensors{ m_pool, m_blocking, m_config.sensors };

    metrics::HttpMetrics m_httpMetrics;
    metrics::TraceStore m_traces;
    operations::RuntimeWatch m_watch{ m_inspector };
    const http::ListenOptions m_listenOptions;
    metrics::Sampler m_sampler;
    metrics::Registry m_registry;
    operations::MetricsFeed m_feed;
    operations::LogFeed m_logs;
    operations::Readiness m_readiness;
    const operations::Pages m_pages;

    const http::Router m_router;
    middleware::DrainSwitch m_drainSwitch;
    bool m_isSucceeded = false; // somebody keeps our sockets, and listens on when we go
    http::Pipeline m_pipeline;
    runtime::ReactorGroup m_reactors;
    std::vector<std::unique_ptr<http::HttpServer>> m_servers; // one a reactor, made and destroyed there
    LoginWatch m_loginWatch;
    Drain m_drain;
    QTimer m_eventTrimmer;
    metrics::Registrations m_inspected{ m_inspector }; // after all that is registered
};

} // namespace godwit::app
