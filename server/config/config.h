// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/options.h"
#include "server/config/listenaddress.h"
#include "server/db/options.h"
#include "server/exports/options.h"
#include "server/files/options.h"
#include "server/http/limits.h"
#include "server/log/options.h"
#include "server/middleware/ratelimits.h"
#include "server/middleware/sheddingoptions.h"
#include "server/outbound/options.h"
#include "server/runtime/options.h"
#include "server/sensors/options.h"
#include "server/tasks/options.h"

#include <QList>
#include <QString>
#include <QStringList>

#include <chrono>

namespace godwit::config {

enum class LogLevel { Debug, Info, Warning, Error };
enum class LogFormat { Text, Json };
enum class LogTarget { Auto, StandardError, Journald };

/// `[server]`
struct Server
{
    QList<ListenAddress> listen{ ListenAddress::tcp(QHostAddress(QHostAddress::LocalHost), 8420) };
    QString data; ///< folder of the database; empty until load() has filled in the default
    std::chrono::milliseconds drainTimeout{ 30'000 }; ///< from SIGTERM until what is still open is cut
    std::chrono::milliseconds deadline{ 30'000 }; ///< of a request whose route has none of its own; zero: none
    QStringList hosts; ///< names by which it is called, besides addresses and names without a dot; in lower case
    QStringList trustedProxies; ///< addresses and networks (CIDR) whose X-Forwarded-For and Forwarded are believed
};

/// `[tls]`: both or none.
struct Tls
{
    QString certificate; ///< PEM file, the chain after it
    QString key; ///< PEM file
    bool isEnabled() const { return !certificate.isEmpty(); }
};

/// `[cors]`
struct Cors
{
    QStringList origins; ///< that may read answers and open WebSockets from a browser; `*`: all
    bool credentials = false;
    std::chrono::milliseconds maxAge{ 600'000 }; ///< of a preflight's answer
};

/// `[log]`
struct Log
{
    LogTarget target = LogTarget::Auto;
    LogLevel level = LogLevel::Info;
    LogFormat format = LogFormat::Text;
    bool access = false; ///< one line a request
    QString journal = QStringLiteral("/run/systemd/journal/socket"); ///< not in the configuration
};

/// `[traces]`
struct Traces
{
    bool enabled = true;
    int recent = 1'000; ///< requests that are kept, a worker
    int notable = 500; ///< slow or failed ones, a worker
    std::chrono::milliseconds slow{ 1'000 }; ///< from where on a request is slow
    outbound::TraceExportOptions otlp;
};

/// `[search]`
struct Search
{
    std::chrono::milliseconds deadline{ 5'000 }; ///< of GET /api/search: 408 beyond
    std::chrono::milliseconds cacheLifetime{ 60'000 }; ///< of what was found
    std::chrono::milliseconds cacheStale{ 60'000 }; ///< served beyond that, while it is looked for again
    qint64 cacheEntries = 10'000; ///< of the cache, at most
    qint64 cacheBytes = 32 * 1024 * 1024; ///< at most
};

/// What a dependency is made to suffer on purpose: see async::Faults.
struct FaultsOfOne
{
    std::chrono::milliseconds latency{ 0 };
    int errors = 0; ///< percent of the calls
    int hangs = 0; ///< percent of the calls
    bool isAny() const { return latency > std::chrono::milliseconds(0) || errors > 0 || hangs > 0; }
};

/// `[faults]`: only with --allow-faults.
struct Faults
{
    FaultsOfOne database, upstreams;
    std::chrono::milliseconds lasting{ 0 }; ///< from the start; zero: to the end
    bool isAny() const { return database.isAny() || upstreams.isAny(); }
};

/// All that can be set, with its default. Plain values; every key is described once, in keys().
struct Config
{
    Server server;
    Tls tls;
    Cors cors;
    Log log;
    Traces traces;
    tasks::Options tasks;
    auth::Options auth;
    Search search;
    files::Options files;
    log::Options events;
    exports::Options exports;
    http::Limits limits;
    middleware::RateLimits rates;
    middleware::SheddingOptions shedding;
    runtime::Options runtime;
    db::Options database;
    Faults faults;
    outbound::Options outbound;
    outbound::WebhookOptions webhooks;
    sensors::Options sensors;
};

} // namespace godwit::config
