// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/keys.h"

#include "server/config/units.h"

#include <QHostAddress>
#include <QRegularExpression>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::config {

namespace {

QString quoted(const QString &text)
{
    QString escaped = text;
    return u'"' + escaped.replace(u'\\', u"\\\\"_s).replace(u'"', u"\\\""_s) + u'"';
}

QString quotedList(const QStringList &texts)
{
    QStringList parts;
    for (const QString &text : texts)
        parts.append(quoted(text));
    return u'[' + parts.join(u", "_s) + u']';
}

/// What a key is named and says; the functions below add how its value is read.
struct About
{
    QLatin1StringView section, name, help;
};

// Each takes a function from Config & to the member, which serves for reading and for writing.
template<class Member>
auto constMember(Member member)
{
    return [member](const Config &config) { return member(const_cast<Config &>(config)); };
}

template<class Member>
Key text(About about, QString expected, Member member)
{
    return { about.section,
             about.name,
             about.help,
             Key::Type::Text,
             std::move(expected),
             [member](Config &config, const QStringList &values) {
                 member(config) = values.first();
                 return true;
             },
             [get = constMember(member)](const Config &config) { return quoted(get(config)); } };
}

template<class Member>
Key boolean(About about, Member member)
{
    return { about.section,
             about.name,
             about.help,
             Key::Type::Boolean,
             u"true or false"_s,
             [member](Config &config, const QStringList &values) {
                 const QString value = values.first().toLower();
                 const bool isTrue = value == "true"_L1 || value == "1"_L1 || value == "on"_L1 || value == "yes"_L1;
                 const bool isFalse = value == "false"_L1 || value == "0"_L1 || value == "off"_L1 || value == "no"_L1;
                 member(config) = isTrue;
                 return isTrue || isFalse;
             },
             [get = constMember(member)](const Config &config) { return get(config) ? u"true"_s : u"false"_s; } };
}

template<class Member>
Key integer(About about, qint64 least, qint64 most, Member member)
{
    return { about.section,
             about.name,
             about.help,
             Key::Type::Integer,
             u"a whole number from %1 to %2"_s.arg(least).arg(most),
             [member, least, most](Config &config, const QStringList &values) {
                 bool ok = false;
                 const qint64 value = values.first().toLongLong(&ok);
                 if (!ok || value < least || value > most)
                     return false;
                 member(config) = std::remove_cvref_t<decltype(member(config))>(value);
                 return true;
             },
             [get = constMember(member)](const Config &config) { return QString::number(get(config)); } };
}

template<class Member>
Key duration(About about, std::chrono::milliseconds least, std::chrono::milliseconds most, Member member)
{
    return { about.section,
             about.name,
             about.help,
             Key::Type::Duration,
             u"a duration from %1 to %2 such as \"30s\", \"250ms\" or \"5m\""_s.arg(toText(least), toText(most)),
             [member, least, most](Config &config, const QStringList &values) {
                 const auto value = durationFrom(values.first());
                 if (!value || *value < least || *value > most)
                     return false;
                 member(config) = *value;
                 return true;
             },
             [get = constMember(member)](const Config &config) { return quoted(toText(get(config))); } };
}

template<class Member>
Key size(About about, qint64 least, qint64 most, Member member)
{
    return { about.section,
             about.name,
             about.help,
             Key::Type::Size,
             u"a size from %1 to %2 such as \"64KiB\" or \"8MiB\""_s.arg(sizeToText(least), sizeToText(most)),
             [member, least, most](Config &config, const QStringList &values) {
                 const auto value = sizeFrom(values.first());
                 if (!value || *value < least || *value > most)
                     return false;
                 member(config) = std::remove_cvref_t<decltype(member(config))>(*value);
                 return true;
             },
             [get = constMember(member)](const Config &config) { return quoted(sizeToText(get(config))); } };
}

template<class Member, class IsValid>
Key texts(About about, QString expected, Member member, IsValid isValid)
{
    return { about.section,
             about.name,
             about.help,
             Key::Type::Texts,
             std::move(expected),
             [member, isValid](Config &config, const QStringList &values) {
                 member(config) = values;
                 return std::all_of(values.begin(), values.end(), isValid);
             },
             [get = constMember(member)](const Config &config) { return quotedList(get(config)); } };
}

/// One of a few words; the enumerators are in the words' order.
template<class Member>
Key choice(About about, QStringList words, Member member)
{
    return { about.section,
             about.name,
             about.help,
             Key::Type::Text,
             u"one of "_s + words.join(u", "_s),
             [member, words](Config &config, const QStringList &values) {
                 const qsizetype index = words.indexOf(values.first());
                 if (index >= 0)
                     member(config) = std::remove_cvref_t<decltype(member(config))>(index);
                 return index >= 0;
             },
             [get = constMember(member), words](const Config &config) { return quoted(words[int(get(config))]); } };
}

Key listenKey()
{
    return { "server"_L1,
             "listen"_L1,
             "Where connections are accepted; port 0 takes a free one. Beyond this machine: see [tls] and [auth]."_L1,
             Key::Type::Texts,
             u"HOST:PORT such as \"127.0.0.1:8420\" or \"0.0.0.0:8420\", or \"unix:PATH\""_s,
             [](Config &config, const QStringList &values) {
                 config.server.listen.clear();
                 for (const QString &value : values) {
                     const auto address = ListenAddress::fromString(value);
                     if (!address)
                         return false;
                     config.server.listen.append(*address);
                 }
                 return !config.server.listen.isEmpty();
             },
             [](const Config &config) {
                 QStringList texts;
                 for (const ListenAddress &address : config.server.listen)
                     texts.append(address.toString());
                 return quotedList(texts);
             } };
}

bool isOrigin(const QString &text)
{
    return text == "*"_L1
        || ((text.startsWith("http://"_L1) || text.startsWith("https://"_L1)) && text.count(u'/') == 2);
}

bool isHostName(const QString &text)
{
    return text == "*"_L1
        || (!text.isEmpty() && text == text.toLower() && !text.contains(u':') && !text.contains(u'/'));
}

bool isNetwork(const QString &text)
{
    return text == "unix"_L1 || QHostAddress::parseSubnet(text).second >= 0;
}

/// A network, an address or a host name; AddressPolicy reads it.
bool isNetworkOrHost(const QString &text)
{
    static const QRegularExpression host(u"^[\\w-]+(\\.[\\w-]+)*$"_s, QRegularExpression::UseUnicodePropertiesOption);
    return QHostAddress::parseSubnet(text).second >= 0 || (!text.contains(u'/') && host.match(text).hasMatch());
}

bool isWebhookEvent(const QString &text)
{
    return text == "task.completed"_L1 || text == "task.failed"_L1 || text == "task.cancelled"_L1;
}

constexpr qint64 KiB = 1024, MiB = 1024 * KiB, GiB = 1024 * MiB;

// Formatted as a table: a line a key.
// clang-format off
void addServerKeys(std::vector<Key> &keys)
{
    keys.push_back(listenKey());
    keys.push_back(text({ "server"_L1, "data"_L1, "Folder of the database; empty: $STATE_DIRECTORY of a service, else $XDG_DATA_HOME/godwit."_L1 }, u"a folder"_s, [](Config &c) -> auto & { return c.server.data; }));
    keys.push_back(duration({ "server"_L1, "drain_timeout"_L1, "How long a stop waits for requests, streams and sockets to end before it cuts them."_L1 }, 0ms, 1h, [](Config &c) -> auto & { return c.server.drainTimeout; }));
    keys.push_back(duration({ "server"_L1, "deadline"_L1, "Of a request whose route has none of its own: 504 beyond; 0s: none."_L1 }, 0ms, 24h, [](Config &c) -> auto & { return c.server.deadline; }));
    keys.push_back(texts({ "server"_L1, "hosts"_L1, "Names by which browsers and proxies call this server, besides addresses, names without a dot and *.localhost: 403 by others, as long as nobody has to log in."_L1 }, u"names such as \"godwit.example\" in lower case and without a port, or \"*\""_s, [](Config &c) -> auto & { return c.server.hosts; }, isHostName));
    keys.push_back(texts({ "server"_L1, "trusted_proxies"_L1, "Whose X-Forwarded-For and Forwarded are believed."_L1 }, u"addresses or networks such as \"10.0.0.0/8\", or \"unix\""_s, [](Config &c) -> auto & { return c.server.trustedProxies; }, isNetwork));

    keys.push_back(text({ "tls"_L1, "certificate"_L1, "Certificate in PEM, its chain after it; with a key all TCP addresses speak TLS. SIGHUP reads both again."_L1 }, u"a file"_s, [](Config &c) -> auto & { return c.tls.certificate; }));
    keys.push_back(text({ "tls"_L1, "key"_L1, "Private key in PEM."_L1 }, u"a file"_s, [](Config &c) -> auto & { return c.tls.key; }));

    keys.push_back(texts({ "cors"_L1, "origins"_L1, "Other origins whose pages may call the API and open WebSockets."_L1 }, u"origins such as \"https://intranet.example\", or \"*\""_s, [](Config &c) -> auto & { return c.cors.origins; }, isOrigin));
    keys.push_back(boolean({ "cors"_L1, "credentials"_L1, "Whether such pages may send cookies and Authorization."_L1 }, [](Config &c) -> auto & { return c.cors.credentials; }));
    keys.push_back(duration({ "cors"_L1, "max_age"_L1, "How long a browser may remember a preflight's answer."_L1 }, 0ms, 24h, [](Config &c) -> auto & { return c.cors.maxAge; }));

    keys.push_back(choice({ "log"_L1, "level"_L1, "The least that is written, to standard error."_L1 }, { u"debug"_s, u"info"_s, u"warning"_s, u"error"_s }, [](Config &c) -> auto & { return c.log.level; }));
    keys.push_back(choice({ "log"_L1, "format"_L1, "Lines for people, or an object of JSON a line."_L1 }, { u"text"_s, u"json"_s }, [](Config &c) -> auto & { return c.log.format; }));
    keys.push_back(boolean({ "log"_L1, "access"_L1, "One line a request."_L1 }, [](Config &c) -> auto & { return c.log.access; }));

    keys.push_back(boolean({ "traces"_L1, "enabled"_L1, "Whether requests are recorded for GET /api/traces."_L1 }, [](Config &c) -> auto & { return c.traces.enabled; }));
    keys.push_back(integer({ "traces"_L1, "recent"_L1, "Requests that are kept, by each worker."_L1 }, 1, 1'000'000, [](Config &c) -> auto & { return c.traces.recent; }));
    keys.push_back(integer({ "traces"_L1, "notable"_L1, "Slow or failed requests that are kept besides, by each worker."_L1 }, 1, 1'000'000, [](Config &c) -> auto & { return c.traces.notable; }));
    keys.push_back(duration({ "traces"_L1, "slow"_L1, "From where on a request is slow."_L1 }, 1ms, 1h, [](Config &c) -> auto & { return c.traces.slow; }));

    keys.push_back(choice({ "auth"_L1, "mode"_L1, "Whether everybody proves who they are, or is believed to be whom ?user= names and may do all: only for networks whose users are trusted."_L1 }, { u"token"_s, u"open"_s }, [](Config &c) -> auto & { return c.auth.mode; }));
    keys.push_back(boolean({ "auth"_L1, "open_anywhere"_L1, "Lets mode \"open\" listen on addresses that other machines reach."_L1 }, [](Config &c) -> auto & { return c.auth.isOpenAnywhere; }));
    keys.push_back(duration({ "auth"_L1, "access_lifetime"_L1, "Of an access token; a client renews it by its refresh token."_L1 }, 1s, 24h, [](Config &c) -> auto & { return c.auth.accessLifetime; }));
    keys.push_back(duration({ "auth"_L1, "login_lifetime"_L1, "Of a refresh token: after so long without a renewal a login has ended."_L1 }, 1min, 24h * 365, [](Config &c) -> auto & { return c.auth.loginLifetime; }));
    keys.push_back(duration({ "auth"_L1, "ticket_lifetime"_L1, "Of a ticket, which is good once."_L1 }, 1s, 1h, [](Config &c) -> auto & { return c.auth.ticketLifetime; }));
    keys.push_back(duration({ "auth"_L1, "key_lifetime"_L1, "After which another key signs access tokens; the older ones stay good for those that they have signed."_L1 }, 1h, 24h * 365, [](Config &c) -> auto & { return c.auth.keyLifetime; }));
    keys.push_back(integer({ "auth"_L1, "logins_per_name"_L1, "Tries a minute to log in as one user, from wherever: 429 beyond; 0: no limit."_L1 }, 0, 1'000'000, [](Config &c) -> auto & { return c.auth.loginsPerName; }));

    keys.push_back(duration({ "search"_L1, "deadline"_L1, "Of GET /api/search: 408 beyond."_L1 }, 1ms, 1h, [](Config &c) -> auto & { return c.search.deadline; }));
}

void addLimitKeys(std::vector<Key> &keys)
{
    keys.push_back(size({ "limits"_L1, "request_line"_L1, "Longest request line: 414 beyond."_L1 }, 1 * KiB, 1 * MiB, [](Config &c) -> auto & { return c.limits.requestLineBytes; }));
    keys.push_back(size({ "limits"_L1, "head"_L1, "Longest head of a request, also its trailers: 431 beyond."_L1 }, 1 * KiB, 1 * MiB, [](Config &c) -> auto & { return c.limits.headBytes; }));
    keys.push_back(integer({ "limits"_L1, "headers"_L1, "Most fields in a head: 431 beyond."_L1 }, 8, 10'000, [](Config &c) -> auto & { return c.limits.headers; }));
    keys.push_back(size({ "limits"_L1, "body"_L1, "Largest body of a request: 413 beyond."_L1 }, 0, 64 * GiB, [](Config &c) -> auto & { return c.limits.bodyBytes; }));
    keys.push_back(duration({ "limits"_L1, "head_timeout"_L1, "From the first byte of a request to the end of its head: 408 beyond; 0s: none."_L1 }, 0ms, 1h, [](Config &c) -> auto & { return c.limits.headTimeout; }));
    keys.push_back(duration({ "limits"_L1, "body_timeout"_L1, "From the end of the head to the end of the body: 408 beyond; 0s: none."_L1 }, 0ms, 24h, [](Config &c) -> auto & { return c.limits.bodyTimeout; }));
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

void addOutboundKeys(std::vector<Key> &keys)
{
    keys.push_back(texts({ "outbound"_L1, "allow"_L1, "What the server may ask besides the public internet, for fetch tasks and webhooks: addresses of this machine and of private networks are else refused."_L1 }, u"networks, addresses or host names such as \"10.1.0.0/16\", \"127.0.0.1\" or \"build.example\""_s, [](Config &c) -> auto & { return c.outbound.allow; }, isNetworkOrHost));
    keys.push_back(text({ "outbound"_L1, "ca_file"_L1, "Certificates in PEM of authorities that are believed besides the system's."_L1 }, u"a file"_s, [](Config &c) -> auto & { return c.outbound.caFile; }));
    keys.push_back(integer({ "outbound"_L1, "connections_per_host"_L1, "Most requests to one host at a time, which need a connection each."_L1 }, 1, 12, [](Config &c) -> auto & { return c.outbound.connectionsPerHost; }));
    keys.push_back(integer({ "outbound"_L1, "concurrency"_L1, "Most requests to all hosts at a time."_L1 }, 1, 10'000, [](Config &c) -> auto & { return c.outbound.concurrency; }));
    keys.push_back(integer({ "outbound"_L1, "queue"_L1, "Requests that may wait for their turn: refused beyond."_L1 }, 0, 1'000'000, [](Config &c) -> auto & { return c.outbound.queue; }));
    keys.push_back(duration({ "outbound"_L1, "idle_timeout"_L1, "How long a host's connections stay after its last request; whole seconds."_L1 }, 1s, 1h, [](Config &c) -> auto & { return c.outbound.idleTimeout; }));
    keys.push_back(duration({ "outbound"_L1, "timeout"_L1, "Of one attempt, from its begin to the end of the answer."_L1 }, 1ms, 24h, [](Config &c) -> auto & { return c.outbound.timeout; }));
    keys.push_back(duration({ "outbound"_L1, "connect_timeout"_L1, "To find a host's address, and again to connect, TLS included."_L1 }, 1ms, 1h, [](Config &c) -> auto & { return c.outbound.connectTimeout; }));
    keys.push_back(size({ "outbound"_L1, "body"_L1, "Largest body of an answer, decoded: aborted beyond."_L1 }, 1 * KiB, 64 * GiB, [](Config &c) -> auto & { return c.outbound.bodyBytes; }));
    keys.push_back(integer({ "outbound"_L1, "redirects"_L1, "That are followed, each checked like the first address."_L1 }, 0, 20, [](Config &c) -> auto & { return c.outbound.redirects; }));
    keys.push_back(integer({ "outbound"_L1, "attempts"_L1, "With the first, of a request that may be repeated."_L1 }, 1, 10, [](Config &c) -> auto & { return c.outbound.attempts; }));
    keys.push_back(duration({ "outbound"_L1, "retry_delay"_L1, "Before the second attempt at most; doubles with each, and is drawn by lot below."_L1 }, 1ms, 1min, [](Config &c) -> auto & { return c.outbound.retryDelay; }));
    keys.push_back(integer({ "outbound"_L1, "breaker_failures"_L1, "In a row, after which a host is not asked for a while."_L1 }, 1, 1'000, [](Config &c) -> auto & { return c.outbound.breakerFailures; }));
    keys.push_back(duration({ "outbound"_L1, "breaker_open_for"_L1, "How long it is then left alone, before one request tries it."_L1 }, 1ms, 1h, [](Config &c) -> auto & { return c.outbound.breakerOpen; }));

    keys.push_back(text({ "webhooks"_L1, "url"_L1, "Who is told of events, by POST; empty: nobody. Its address has to be public, or in [outbound] allow."_L1 }, u"an http or https URL"_s, [](Config &c) -> auto & { return c.webhooks.url; }));
    keys.push_back(text({ "webhooks"_L1, "secret"_L1, "Of the signature in X-Godwit-Signature; goes with the URL."_L1 }, u"a text"_s, [](Config &c) -> auto & { return c.webhooks.secret; }));
    keys.push_back(texts({ "webhooks"_L1, "events"_L1, "Which are told."_L1 }, u"task.completed, task.failed, task.cancelled"_s, [](Config &c) -> auto & { return c.webhooks.events; }, isWebhookEvent));
    keys.push_back(integer({ "webhooks"_L1, "queue"_L1, "Events that may wait: dropped beyond, which the log says."_L1 }, 1, 1'000'000, [](Config &c) -> auto & { return c.webhooks.queue; }));
    keys.push_back(integer({ "webhooks"_L1, "attempts"_L1, "With the first, of an event."_L1 }, 1, 100, [](Config &c) -> auto & { return c.webhooks.attempts; }));
    keys.push_back(duration({ "webhooks"_L1, "retry_delay"_L1, "Before the second attempt at most; doubles with each up to a minute, and is drawn by lot below."_L1 }, 1ms, 1min, [](Config &c) -> auto & { return c.webhooks.retryDelay; }));
}
// clang-format on

} // namespace

QString Key::environmentName() const
{
    return u"GODWIT_"_s + QString(section).toUpper() + u'_' + QString(name).toUpper();
}

const std::vector<Key> &keys()
{
    static const std::vector<Key> all = [] {
        std::vector<Key> keys;
        addServerKeys(keys);
        addLimitKeys(keys);
        addResourceKeys(keys);
        addFaultKeys(keys);
        addOutboundKeys(keys);
        return keys;
    }();
    return all;
}

const Key *findKey(const QString &path)
{
    for (const Key &key : keys()) {
        if (key.path() == path)
            return &key;
    }
    return nullptr;
}

QString nearest(const QString &word, const QStringList &candidates)
{
    // Damerau's transpositions are left out: Levenshtein counts them as two, and two are allowed.
    const auto distance = [](const QString &a, const QString &b) {
        std::vector<qsizetype> row(size_t(b.size()) + 1);
        for (size_t j = 0; j < row.size(); ++j)
            row[j] = qsizetype(j);
        for (qsizetype i = 0; i < a.size(); ++i) {
            qsizetype diagonal = std::exchange(row[0], i + 1);
            for (size_t j = 1; j < row.size(); ++j) {
                const qsizetype substituted = diagonal + (a[i] == b[qsizetype(j) - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = std::min({ substituted, row[j] + 1, row[j - 1] + 1 });
            }
        }
        return row.back();
    };
    QString best;
    qsizetype least = std::max<qsizetype>(2, word.size() / 3) + 1;
    for (const QString &candidate : candidates) {
        const qsizetype steps = distance(word, candidate);
        if (steps < least) {
            least = steps;
            best = candidate;
        }
    }
    return best;
}

} // namespace godwit::config
