// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/keytypes.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::config {

// Formatted as a table: a line a key.
// clang-format off
void addLimitKeys(std::vector<Key> &keys)
{
    keys.push_back(size({ "limits"_L1, "request_line"_L1, "Longest request line: 414 beyond."_L1 }, 1 * KiB, 1 * MiB, [](Config &c) -> auto & { return c.limits.requestLineBytes; }));
    keys.push_back(size({ "limits"_L1, "head"_L1, "Longest head of a request, also its trailers: 431 beyond."_L1 }, 1 * KiB, 1 * MiB, [](Config &c) -> auto & { return c.limits.headBytes; }));
    keys.push_back(integer({ "limits"_L1, "headers"_L1, "Most fields in a head: 431 beyond."_L1 }, 8, 10'000, [](Config &c) -> auto & { return c.limits.headers; }));
    keys.push_back(size({ "limits"_L1, "body"_L1, "Largest body of a request: 413 beyond."_L1 }, 0, 64 * GiB, [](Config &c) -> auto & { return c.limits.bodyBytes; }));
    keys.push_back(duration({ "limits"_L1, "head_timeout"_L1, "From the first byte of a request to the end of its head: 408 beyond; 0s: none."_L1 }, 0ms, 1h, [](Config &c) -> auto & { return c.limits.headTimeout; }));
    keys.push_back(duration({ "limits"_L1, "body_timeout"_L1, "From the end of the head to the end of the body, and for each 16 KiB of an upload: 408 beyond; 0s: none."_L1 }, 0ms, 24h, [](Config &c) -> auto & { return c.limits.bodyTimeout; }));
    keys.push_back(duration({ "limits"_L1, "idle_timeout"_L1, "Between two requests of a connection: closed beyond; 0s: none."_L1 }, 0ms, 24h, [](Config &c) -> auto & { return c.limits.idleTimeout; }));
    keys.push_back(duration({ "limits"_L1, "write_timeout"_L1, "Without a byte taken by a client that is sent something: closed beyond; 0s: none."_L1 }, 0ms, 24h, [](Config &c) -> auto & { return c.limits.writeTimeout; }));
    keys.push_back(duration({ "limits"_L1, "handshake_timeout"_L1, "Of TLS: closed beyond; 0s: none."_L1 }, 0ms, 1h, [](Config &c) -> auto & { return c.limits.handshakeTimeout; }));
    keys.push_back(integer({ "limits"_L1, "requests_per_connection"_L1, "After so many the connection is closed."_L1 }, 1, 2'000'000'000, [](Config &c) -> auto & { return c.limits.requestsPerConnection; }));
    keys.push_back(integer({ "limits"_L1, "connections"_L1, "Open connections of all: closed at once beyond."_L1 }, 1, 10'000'000, [](Config &c) -> auto & { return c.limits.connections; }));
    keys.push_back(integer({ "limits"_L1, "connections_per_address"_L1, "Open connections of one address; 0: no limit."_L1 }, 0, 10'000'000, [](Config &c) -> auto & { return c.limits.connectionsPerAddress; }));

    keys.push_back(choice({ "limits"_L1, "rate"_L1, "Whether callers are held to the rates below: 429 beyond."_L1 }, { u"off"_s, u"on"_s }, [](Config &c) -> auto & { return c.rates.isOn; }));
    keys.push_back(integer({ "limits"_L1, "rate_anonymous"_L1, "Requests a second of an address without a login. Of this and the others a second, twice as many may come at once."_L1 }, 1, 1'000'000, [](Config &c) -> auto & { return c.rates.anonymous; }));
    keys.push_back(integer({ "limits"_L1, "rate_search"_L1, "Searches a second of an address without a login."_L1 }, 1, 1'000'000, [](Config &c) -> auto & { return c.rates.search; }));
    keys.push_back(integer({ "limits"_L1, "rate_login"_L1, "Logins a minute of an address, all of them at once."_L1 }, 1, 1'000'000, [](Config &c) -> auto & { return c.rates.login; }));
    keys.push_back(integer({ "limits"_L1, "rate_user"_L1, "Requests a second of a user."_L1 }, 1, 1'000'000, [](Config &c) -> auto & { return c.rates.user; }));
    keys.push_back(integer({ "limits"_L1, "rate_user_search"_L1, "Searches a second of a user."_L1 }, 1, 1'000'000, [](Config &c) -> auto & { return c.rates.userSearch; }));
    keys.push_back(integer({ "limits"_L1, "rate_chat"_L1, "Messages and commands a second of a user in chat: refused beyond, or read later where nothing can say so."_L1 }, 1, 1'000'000, [](Config &c) -> auto & { return c.rates.chat; }));

    keys.push_back(choice({ "limits"_L1, "shedding"_L1, "Whether a part of the requests is refused while more comes than can be done: 503."_L1 }, { u"off"_s, u"on"_s }, [](Config &c) -> auto & { return c.shedding.isOn; }));
    keys.push_back(duration({ "limits"_L1, "shedding_target"_L1, "How long a request may always wait for its turn; if none waited less for the interval, some are refused."_L1 }, 1ms, 1min, [](Config &c) -> auto & { return c.shedding.target; }));
    keys.push_back(duration({ "limits"_L1, "shedding_interval"_L1, "How long a burst of requests may take to pass before some are refused."_L1 }, 1ms, 1min, [](Config &c) -> auto & { return c.shedding.interval; }));
}

void addResourceKeys(std::vector<Key> &keys)
{
    keys.push_back(integer({ "runtime"_L1, "workers"_L1, "Threads that serve connections; 0: as many as cores."_L1 }, 0, 1024, [](Config &c) -> auto & { return c.runtime.workers; }));
    keys.push_back(integer({ "runtime"_L1, "blocking_threads"_L1, "Most threads for work that blocks; started when needed."_L1 }, 1, 10'000, [](Config &c) -> auto & { return c.runtime.blockingThreads; }));
    keys.push_back(duration({ "runtime"_L1, "blocking_keep_alive"_L1, "How long such a thread stays without work."_L1 }, 0ms, 24h, [](Config &c) -> auto & { return c.runtime.blockingKeepAlive; }));
    keys.push_back(integer({ "runtime"_L1, "blocking_queue"_L1, "Jobs that may wait for such a thread: 503 beyond."_L1 }, 1, 10'000'000, [](Config &c) -> auto & { return c.runtime.blockingQueue; }));
    keys.push_back(text({ "runtime"_L1, "thread_name"_L1, "What the names of the threads begin with."_L1 }, u"a name"_s, [](Config &c) -> auto & { return c.runtime.threadName; }));
    keys.push_back(size({ "runtime"_L1, "stack"_L1, "Stack of each thread; 0B: the system's."_L1 }, 0, 1 * GiB, [](Config &c) -> auto & { return c.runtime.stackBytes; }));

    keys.push_back(integer({ "database"_L1, "max_connections"_L1, "Most connections that read; SQLite: at most as many as cores."_L1 }, 1, 1000, [](Config &c) -> auto & { return c.database.maxConnections; }));
    keys.push_back(integer({ "database"_L1, "min_connections"_L1, "Connections kept open when idle."_L1 }, 0, 1000, [](Config &c) -> auto & { return c.database.minConnections; }));
    keys.push_back(integer({ "database"_L1, "queue"_L1, "Jobs that may wait for a connection: 503 beyond."_L1 }, 1, 10'000'000, [](Config &c) -> auto & { return c.database.queue; }));
    keys.push_back(duration({ "database"_L1, "acquire_timeout"_L1, "How long a job waits for a connection: 503 beyond."_L1 }, 1ms, 1h, [](Config &c) -> auto & { return c.database.acquireTimeout; }));
    keys.push_back(duration({ "database"_L1, "idle_timeout"_L1, "After which an unused connection is closed."_L1 }, 1ms, 24h * 7, [](Config &c) -> auto & { return c.database.idleTimeout; }));
    keys.push_back(duration({ "database"_L1, "lifetime"_L1, "After which a connection is replaced."_L1 }, 1ms, 24h * 7, [](Config &c) -> auto & { return c.database.lifetime; }));
    keys.push_back(duration({ "database"_L1, "busy_timeout"_L1, "How long SQLite waits for another process's lock."_L1 }, 0ms, 1h, [](Config &c) -> auto & { return c.database.busyTimeout; }));
    keys.push_back(integer({ "database"_L1, "breaker_failures"_L1, "After so many failures in a row requests are not let through to the database for a while: 503."_L1 }, 1, 1'000'000, [](Config &c) -> auto & { return c.database.breakerFailures; }));
    keys.push_back(duration({ "database"_L1, "breaker_open_for"_L1, "How long, before it is tried again."_L1 }, 1ms, 24h, [](Config &c) -> auto & { return c.database.breakerOpenFor; }));
    keys.push_back(duration({ "database"_L1, "shedding_target"_L1, "How long a request may always wait for a connection; if none waited less for the interval, some are refused: 503; 0s: none is."_L1 }, 0ms, 1h, [](Config &c) -> auto & { return c.database.sheddingTarget; }));
    keys.push_back(duration({ "database"_L1, "shedding_interval"_L1, "How long a burst may take to pass before some are refused."_L1 }, 1ms, 1h, [](Config &c) -> auto & { return c.database.sheddingInterval; }));
}

void addFaultKeys(std::vector<Key> &keys)
{
    keys.push_back(duration({ "faults"_L1, "database_latency"_L1, "For trying out, with --allow-faults only: added to what each request asks of the database."_L1 }, 0ms, 1h, [](Config &c) -> auto & { return c.faults.database.latency; }));
    keys.push_back(integer({ "faults"_L1, "database_errors"_L1, "How many percent of it fail."_L1 }, 0, 100, [](Config &c) -> auto & { return c.faults.database.errors; }));
    keys.push_back(integer({ "faults"_L1, "database_hangs"_L1, "How many percent of it hang until the request's deadline."_L1 }, 0, 100, [](Config &c) -> auto & { return c.faults.database.hangs; }));
    keys.push_back(duration({ "faults"_L1, "upstream_latency"_L1, "The same for what the server asks of others."_L1 }, 0ms, 1h, [](Config &c) -> auto & { return c.faults.upstreams.latency; }));
    keys.push_back(integer({ "faults"_L1, "upstream_errors"_L1, "In percent."_L1 }, 0, 100, [](Config &c) -> auto & { return c.faults.upstreams.errors; }));
    keys.push_back(integer({ "faults"_L1, "upstream_hangs"_L1, "In percent."_L1 }, 0, 100, [](Config &c) -> auto & { return c.faults.upstreams.hangs; }));
    keys.push_back(duration({ "faults"_L1, "lasting"_L1, "How long after the start it all ends; 0s: never."_L1 }, 0ms, 24h, [](Config &c) -> auto & { return c.faults.lasting; }));
}
// clang-format on

} // namespace godwit::config
