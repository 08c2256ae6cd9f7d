// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/application.h"

#include "server/app/inspection.h"
#include "server/app/logging.h"
#include "server/app/outboundfigures.h"
#include "server/app/version.h"
#include "server/auth/endpoints.h"
#include "server/chat/endpoints.h"
#include "server/db/migrations.h"
#include "server/exports/endpoints.h"
#include "server/http/eventstream.h"
#include "server/http/httpserver.h"
#include "server/log/endpoints.h"
#include "server/log/inspection.h"
#include "server/metrics/inspecttoolkit.h"
#include "server/middleware/requestmetrics.h"
#include "server/middleware/standard.h"
#include "server/operations/endpoints.h"
#include "server/operations/insideendpoints.h"
#include "server/search/endpoints.h"
#include "server/sensors/endpoints.h"
#include "server/tasks/kinds.h"
#include "server/tasks/scheduleendpoints.h"
#include "server/users/endpoints.h"
#include "server/websocket/reactorsockets.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace godwit::app {

Q_LOGGING_CATEGORY(appLog, "godwit.app")

namespace {

QList<QByteArray> toBytes(const QStringList &texts)
{
    QList<QByteArray> bytes;
    for (const QString &text : texts)
        bytes.append(text.toUtf8());
    return bytes;
}

outbound::Options toOutbound(outbound::Options options)
{
    options.userAgent = "godwit/"_ba + version;
    return options;
}

/// Of what a user sends over WebSockets: as for requests, twice as many may come at once.
std::unique_ptr<async::RateLimiter> makeChatLimiter(const middleware::RateLimits &rates)
{
    if (!rates.isOn)
        return {};
    return std::make_unique<async::RateLimiter>(
        async::RateLimiter::Options{ .name = u"chat"_s, .perSecond = double(rates.chat), .burst = 2 * rates.chat });
}

http::ListenAddress toHttp(const config::ListenAddress &address)
{
    return { .host = address.host, .port = address.port, .unixPath = address.unixPath };
}

} // namespace

Application::Application(config::Config config, DataFolder folder)
    : m_config(std::move(config)),
      m_folder(std::move(folder)),
      m_pool(m_config.database, &m_databaseFaults),
      m_migrated(db::migrate(m_pool)),
      m_blocking(m_config.runtime),
      m_security(m_pool, m_blocking, m_folder.path(), m_config.auth),
      m_files(m_pool, m_blocking, m_folder.path(), m_config.files),
      m_chatLimiter(makeChatLimiter(m_config.rates)),
      m_outbound(toOutbound(m_config.outbound), m_config.runtime, { .faults = &m_upstreamFaults }),
      m_exporter(m_outbound, m_config.traces.otlp, version),
      m_traces({ .isOn = m_config.traces.enabled,
                 .recent = m_config.traces.recent,
                 .notable = m_config.traces.notable,
                 .slow = m_config.traces.slow }),
      m_listenOptions(makeListenOptions()),
      m_sampler(m_httpMetrics, [this] { return connectionFigures(); }),
      m_pages(operations::Pages::load(version)),
      m_router(makeRouter()),
      m_pipeline(m_router, makeMiddleware(), { .defaultDeadline = m_config.server.deadline }),
      m_reactors(m_config.runtime),
      m_servers(size_t(m_reactors.size())),
      m_loginWatch(m_security.liveAccounts(), m_security.authenticator(), m_reactors),
      m_drain(m_reactors, m_servers, [this] { return mayEnd(); })
{
    if (m_migrated > 0)
        qCInfo(appLog, "database %s: %d migrations applied", qUtf8Printable(m_config.database.file), m_migrated);
    m_httpMetrics.setRoutes(middleware::RequestMetrics::labelsOf(m_router));
    tasks::addKinds(m_tasks,
                    { .pool = m_pool,
                      .search = m_search,
                      .outbound = m_outbound,
                      .exports = m_exports,
                      .files = m_files.service(),
                      .dataFolder = m_folder.path(),
                      .filesFolder = m_files.directory() });
    auditDeeds();
    tellOthers();
    addFigures();
    addInspected();
    m_security.addFigures(m_registry);
    m_security.addInspected(m_inspected);
    beginFaults();
    m_readiness.dependOn(m_pool.breaker());
    connect(&m_sampler, &metrics::Sampler::sampled, this, [this](const protocol::MetricsSample &sample) {
        m_feed.publish(sample);
        m_users.cache().cleanUp();
        m_search.cache().cleanUp();
    });
    connect(&m_sampler, &metrics::Sampler::sampled, this, [this] { m_watch.tick(); });
    setLogListener([this](const operations::LogLine &line) { m_logs.add(line); });
    connect(&m_eventTrimmer, &QTimer::timeout, this, [this] { m_events.trim(); });
    m_eventTrimmer.start(std::chrono::minutes(10));
    connect(&m_drain, &Drain::finished, this, &Application::drained);
}

Application::~Application()
{
    setLogListener({});
    m_reactors.callOnAll([this](int index) { m_servers[size_t(index)].reset(); });
    m_reactors.stop();
}

Application::Sockets Application::openSockets() const
{
    Sockets all;
    for (const config::ListenAddress &address : m_config.server.listen)
        all.push_back(orThrow(http::ListenSocket::open(toHttp(address), m_reactors.size())));
    return all;
}

Application::Sockets Application::takeSockets(const std::vector<int> &inherited) const
{
    Sockets all;
    for (const int descriptor : inherited) {
        all.push_back(orThrow(http::ListenSocket::inherit(descriptor, m_reactors.size())));
        const http::ListenAddress &address = all.back().front().address();
        // As load.cpp has it for [server] listen.
        if (m_config.auth.mode == auth::Mode::Open && !m_config.auth.isOpenAnywhere && !address.isUnix()
            && !address.host.isLoopback())
            throw Error(Error::Code::InvalidArgument,
                        u"the inherited socket %1 is reached from other machines, and [auth] mode is \"open\""_s.arg(
                            address.toString()));
    }
    return all;
}

QStringList Application::listen(const std::vector<int> &inherited)
{
    QStringList urls;
    m_isSucceeded = !inherited.empty();
    Sockets byAddress = m_isSucceeded ? takeSockets(inherited) : openSockets();
    for (const auto &sockets : byAddress) {
        const http::ListenAddress &address = sockets.front().address();
        const QString scheme = m_config.tls.isEnabled() ? u"https://"_s : u"http://"_s;
        urls.append(address.isUnix() ? address.toString() : QString(scheme + address.toString()));
    }
    m_reactors.callOnAll([&](int index) {
        auto &server = m_servers[size_t(index)];
        server = std::make_unique<http::HttpServer>(m_pipeline, m_listenOptions);
        for (auto &sockets : byAddress)
            server->listenOn(std::move(sockets[size_t(index)]));
    });
    m_events.start();
    m_tasks.start();
    m_schedules.start();
    m_sensors.start();
    m_folder.announce(urls.first());
    m_sampler.start();
    m_readiness.set(operations::Readiness::State::Ready);
    return urls;
}

void Application::reloadCertificate()
{
    if (!m_listenOptions.tls)
        return;
    const auto reloaded
        = m_listenOptions.tls->reload({ .certificate = m_config.tls.certificate, .key = m_config.tls.key });
    if (reloaded)
        qCInfo(appLog, "certificate reloaded from %s", qUtf8Printable(m_config.tls.certificate));
    else
        qCWarning(appLog, "certificate not reloaded: %s", qUtf8Printable(reloaded.error().message()));
}

/// Nobody waits for a sensor that hangs.
bool Application::mayEnd() const
{
    return m_tasks.runningCount() == 0 && m_webhooks.isAtRest() && m_exporter.isAtRest()
        && m_sensors.activity() != sensors::Devices::Activity::Reading;
}

void Application::drain()
{
    m_readiness.set(operations::Readiness::State::Draining);
    using Late = middleware::DrainSwitch::Late;
    m_drainSwitch.turnOn(m_isSucceeded ? Late::Served : Late::Refused);
    m_schedules.stop();
    m_tasks.stop(); // what runs is kept for the next start
    m_sensors.stop();
    m_webhooks.drain();
    m_exporter.drain();
    m_drain.start(m_config.server.drainTimeout);
}

/// Into the audit log, what is done by hand in the engine room.
void Application::auditDeeds()
{
    m_watch.setAuditor([&audit = m_security.audit()](const operations::RuntimeWatch::Deed &deed) {
        audit.record({ .event = u"by_hand"_s,
                       .actor = deed.actor,
                       .subject = u"%1 of %2 \"%3\": %4"_s.arg(deed.action, deed.kind, deed.name, deed.outcome),
                       .requestId = deed.requestId });
    });
}

/// By webhooks of tasks that have ended and of alerts, and a collector of the traces.
void Application::tellOthers()
{
    m_tasks.addListener([this](const tasks::Service::Change &change) {
        if (isFinal(change.progress.status))
            m_webhooks.send(u"task."_s + toString(change.progress.status), change.progress.toJson());
    });
    if (m_exporter.options().isEnabled())
        m_traces.setListener([this](const metrics::AnsweredRequest &request,
                                    const std::shared_ptr<async::Trace> &trace) { m_exporter.add(request, trace); });
    m_sensors.alerts().addListener([this](const sensors::Alert &alert) {
        m_webhooks.send(alert.isFiring() ? u"alert.firing"_s : u"alert.resolved"_s, alert.toJson());
    });
}

http::Router Application::makeRouter()
{
    http::Router router;
    operations::registerEndpoints(
        router,
        { .http = m_httpMetrics, .registry = m_registry, .feed = m_feed, .readiness = m_readiness, .pages = m_pages });
    operations::addRuntimeRoutes(router, m_watch);
    operations::addTraceRoutes(router, m_traces, m_watch);
    operations::addLogRoutes(router, m_logs);
    search::addSearchRoutes(router, m_search, m_config.search.deadline);
    users::addUserRoutes(router, m_users);
    tasks::addTaskRoutes(router, m_tasks, m_taskStreams);
    m_files.addRoutes(router, m_security.audit());
    chat::registerEndpoints(router, m_chat, m_rooms, m_chatLimiter.get());
    tasks::addScheduleRoutes(router, m_schedules);
    exports::addExportRoutes(router, m_exports);
    log::addStreamRoute(router, m_events);
    sensors::addSensorRoutes(router, m_sensors);
    auth::registerEndpoints(router, m_security.service(), m_security.authenticator());
    return router;
}

std::vector<std::unique_ptr<http::Middleware>> Application::makeMiddleware()
{
    middleware::Options options;
    if (m_config.log.access)
        options.accessLog = m_config.log.format == config::LogFormat::Json ? middleware::AccessLog::Format::Json
                                                                           : middleware::AccessLog::Format::Text;
    options.accessLogSink = accessLogSink();
    options.cors.origins = toBytes(m_config.cors.origins);
    options.cors.credentials = m_config.cors.credentials;
    options.cors.maxAge = std::chrono::duration_cast<std::chrono::seconds>(m_config.cors.maxAge);
    options.rates = m_config.rates;
    options.shedding = m_config.shedding;
    options.inspector = &m_inspector;
    options.traces = m_config.traces.enabled ? &m_traces : nullptr;
    options.authenticator = &m_security.authenticator();
    if (m_config.auth.mode == auth::Mode::Open)
        options.hosts = toBytes(m_config.server.hosts);
    else
        options.hosts.reset(); // a page that reaches us has no token
    return middleware::standard(options, m_httpMetrics, m_drainSwitch);
}

search::Service::Options Application::toSearch(const config::Search &search)
{
    return { .timeToLive = search.cacheLifetime,
             .staleFor = search.cacheStale,
             .deadline = search.deadline,
             .entries = search.cacheEntries,
             .bytes = search.cacheBytes };
}

http::ListenOptions Application::makeListenOptions() const
{
    http::ListenOptions options;
    options.limits = m_config.limits;
    options.trustedProxies = orThrow(http::TrustedProxies::parse(m_config.server.trustedProxies));
    if (m_config.tls.isEnabled()) {
        options.tls = std::make_shared<http::TlsContextSource>(
            orThrow(http::TlsContext::load({ .certificate = m_config.tls.certificate, .key = m_config.tls.key })));
    }
    return options;
}

metrics::ConnectionFigures Application::connectionFigures() const
{
    // Three counters that are not read at the same moment: what is left of the total is not below zero.
    const qint64 sse = http::EventStream::openCount();
    const qint64 webSocket = websocket::openConnections();
    const qint64 total = m_listenOptions.counts->total();
    return { .http = std::max<qint64>(0, total - sse - webSocket), .sse = sse, .webSocket = webSocket };
}

void Application::addFigures()
{
    m_registry.addLabels("godwit_build_info", "What runs.", { { "version", version }, { "qt", qVersion() } });
    m_registry.add(metrics::collectHttp(m_httpMetrics));
    m_registry.add(metrics::collectSamples(m_sampler));
    m_registry.addCounter("godwit_connections_refused_total", "Connections beyond a limit.",
                          [this] { return double(m_listenOptions.counts->refused()); });
    m_registry.addCounter("godwit_http_refused_total", "Requests that were no valid HTTP, too large or too slow.",
                          [this] { return double(m_listenOptions.counts->refusedRequests()); });
    m_registry.addGauge("godwit_database_connections", "Open connections to the database.",
                        [this] { return double(m_pool.figures().connections); });
    m_registry.addGauge("godwit_database_busy", "Connections that work.",
                        [this] { return double(m_pool.figures().busy); });
    m_registry.addGauge("godwit_database_queue", "Jobs that wait for a connection.",
                        [this] { return double(m_pool.figures().queued); });
    m_registry.addCounter("godwit_database_commits_total", "Transactions on disk.",
                          [this] { return double(m_pool.figures().commits); });
    m_registry.addCounter("godwit_database_written_total", "Jobs that those transactions held.",
                          [this] { return double(m_pool.figures().written); });
    m_registry.addCounter("godwit_database_retried_total", "Reads that were tried again.",
                          [this] { return double(m_pool.figures().retried); });
    m_registry.addCounter("godwit_database_shed_total", "Reads that were refused as too many waited.",
                          [this] { return double(m_pool.shedder().figures().shed); });
    m_registry.addCounter("godwit_database_breaker_opened_total", "How often the breaker has opened.",
                          [this] { return double(m_pool.breaker().figures(std::chrono::steady_clock::now()).opened); });
    m_registry.addCounter("godwit_database_refused_total", "Jobs that the queue had no room for.",
                          [this] { return double(m_pool.figures().refused); });
    m_registry.addGauge("godwit_tasks_running", "Tasks that run.", [this] { return double(m_tasks.runningCount()); });
    m_registry.addGauge("godwit_blocking_threads", "Threads for work that blocks.",
                        [this] { return double(m_blocking.figures().threads); });
    m_registry.addGauge("godwit_blocking_queue", "Jobs that wait for such a thread.",
                        [this] { return double(m_blocking.figures().queued); });
    m_files.addFigures(m_registry);
    addOutboundFigures(m_registry, m_outbound, m_webhooks, m_exporter);
}

/// What the engine room shows: a line a part.
void Application::addInspected()
{
    m_inspected.add(inspectable(m_pool, m_config.database));
    m_inspected.add(inspectable(m_blocking, m_config.runtime));
    m_inspected.add(metrics::inspectable(m_pool.breaker()));
    m_inspected.add(metrics::inspectable(m_pool.shedder()));
    m_inspected.add(metrics::inspectable(m_pool.retryBudget(), u"database"_s));
    m_inspected.add(metrics::inspectable(m_databaseFaults));
    m_inspected.add(metrics::inspectable(m_upstreamFaults));
    m_inspected.add(metrics::inspectable(m_search.cache()));
    m_inspected.add(metrics::inspectable(m_users.cache()));
    addOutboundInspected(m_inspected, m_outbound, m_webhooks, m_exporter);
    m_inspected.add(inspectable(m_tasks));
    m_files.addInspected(m_inspected);
    m_inspected.add(inspectableSchedules(m_schedules));
    m_inspected.add(inspectableExports(m_exports));
    m_inspected.add(metrics::inspectable(m_exports.places()));
    m_inspected.add(m_sensors.inspectable());
    m_inspected.add(inspectableWorkers(m_reactors));
    m_inspected.add(inspectableConnections(m_reactors));
    if (m_chatLimiter)
        m_inspected.add(metrics::inspectable(*m_chatLimiter));
    m_inspected.add(inspectableRooms(m_reactors, *m_rooms));
    m_inspected.add(log::inspectableTopics(m_events));
    m_inspected.add(inspectableSettings(m_config));
}

void Application::beginFaults()
{
    const auto begin = [this](async::Faults &faults, const config::FaultsOfOne &of) {
        if (!of.isAny())
            return;
        qCWarning(appLog, "faults were asked for: %s is made to fail", qUtf8Printable(faults.name()));
        faults.set({ .latency = of.latency,
                     .errors = of.errors / 100.0,
                     .hangs = of.hangs / 100.0,
                     .lasting = m_config.faults.lasting });
    };
    begin(m_databaseFaults, m_config.faults.database);
    begin(m_upstreamFaults, m_config.faults.upstreams);
}

} // namespace godwit::app
