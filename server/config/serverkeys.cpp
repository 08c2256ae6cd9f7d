// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/keytypes.h"

#include <QHostAddress>
#include <QRegularExpression>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::config {

static Key listenKey()
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

static bool isOrigin(const QString &text)
{
    return text == "*"_L1
        || ((text.startsWith("http://"_L1) || text.startsWith("https://"_L1)) && text.count(u'/') == 2);
}

static bool isHostName(const QString &text)
{
    return text == "*"_L1
        || (!text.isEmpty() && text == text.toLower() && !text.contains(u':') && !text.contains(u'/'));
}

static bool isHeader(const QString &text)
{
    static const QRegularExpression header(u"^\\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+=[\\x20-\\x7e]*$"_s);
    return header.match(text).hasMatch();
}

static bool isNetwork(const QString &text)
{
    return text == "unix"_L1 || QHostAddress::parseSubnet(text).second >= 0;
}

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

    keys.push_back(choice({ "log"_L1, "target"_L1, "Where it goes: standard error, or systemd's journal with the request's id and the category as fields; auto: the journal where standard error is connected to it."_L1 }, { u"auto"_s, u"stderr"_s, u"journald"_s }, [](Config &c) -> auto & { return c.log.target; }));
    keys.push_back(choice({ "log"_L1, "level"_L1, "The least that is written."_L1 }, { u"debug"_s, u"info"_s, u"warning"_s, u"error"_s }, [](Config &c) -> auto & { return c.log.level; }));
    keys.push_back(choice({ "log"_L1, "format"_L1, "On standard error: lines for people, or an object of JSON a line."_L1 }, { u"text"_s, u"json"_s }, [](Config &c) -> auto & { return c.log.format; }));

    keys.push_back(boolean({ "log"_L1, "access"_L1, "One line a request."_L1 }, [](Config &c) -> auto & { return c.log.access; }));

    keys.push_back(boolean({ "traces"_L1, "enabled"_L1, "Whether requests are recorded for GET /api/traces."_L1 }, [](Config &c) -> auto & { return c.traces.enabled; }));
    keys.push_back(integer({ "traces"_L1, "recent"_L1, "Requests that are kept, by each worker."_L1 }, 1, 1'000'000, [](Config &c) -> auto & { return c.traces.recent; }));
    keys.push_back(integer({ "traces"_L1, "notable"_L1, "Slow or failed requests that are kept besides, by each worker."_L1 }, 1, 1'000'000, [](Config &c) -> auto & { return c.traces.notable; }));
    keys.push_back(duration({ "traces"_L1, "slow"_L1, "From where on a request is slow."_L1 }, 1ms, 1h, [](Config &c) -> auto & { return c.traces.slow; }));

    keys.push_back(text({ "traces"_L1, "otlp_endpoint"_L1, "Collector that all sampled traces are sent to by OTLP/HTTP in JSON, at whatever address; empty: none."_L1 }, u"an http or https URL such as \"http://127.0.0.1:4318/v1/traces\""_s, [](Config &c) -> auto & { return c.traces.otlp.endpoint; }));
    keys.push_back(texts({ "traces"_L1, "otlp_headers"_L1, "Sent along, as for a key that the collector asks for."_L1 }, u"headers such as \"authorization=Bearer 123\""_s, [](Config &c) -> auto & { return c.traces.otlp.headers; }, isHeader));
    keys.push_back(text({ "traces"_L1, "otlp_service"_L1, "How this server is called there: service.name."_L1 }, u"a name"_s, [](Config &c) -> auto & { return c.traces.otlp.service; }));
    keys.push_back(integer({ "traces"_L1, "otlp_queue"_L1, "Requests that may wait to be sent: dropped and counted beyond."_L1 }, 1, 1'000'000, [](Config &c) -> auto & { return c.traces.otlp.queue; }));
    keys.push_back(duration({ "traces"_L1, "otlp_interval"_L1, "How often they are sent; sooner, if there are many."_L1 }, 1ms, 1h, [](Config &c) -> auto & { return c.traces.otlp.interval; }));

    keys.push_back(choice({ "auth"_L1, "mode"_L1, "Whether everybody proves who they are, or is believed to be whom ?user= names and may do all: only for networks whose users are trusted."_L1 }, { u"token"_s, u"open"_s }, [](Config &c) -> auto & { return c.auth.mode; }));
    keys.push_back(boolean({ "auth"_L1, "open_anywhere"_L1, "Lets mode \"open\" listen on addresses that other machines reach."_L1 }, [](Config &c) -> auto & { return c.auth.isOpenAnywhere; }));
    keys.push_back(duration({ "auth"_L1, "access_lifetime"_L1, "Of an access token; a client renews it by its refresh token."_L1 }, 1s, 24h, [](Config &c) -> auto & { return c.auth.accessLifetime; }));
    keys.push_back(duration({ "auth"_L1, "login_lifetime"_L1, "Of a refresh token: after so long without a renewal a login has ended."_L1 }, 1min, 24h * 365, [](Config &c) -> auto & { return c.auth.loginLifetime; }));
    keys.push_back(duration({ "auth"_L1, "ticket_lifetime"_L1, "Of a ticket, which is good once."_L1 }, 1s, 1h, [](Config &c) -> auto & { return c.auth.ticketLifetime; }));
    keys.push_back(duration({ "auth"_L1, "key_lifetime"_L1, "After which another key signs access tokens; the older ones stay good for those that they have signed."_L1 }, 1h, 24h * 365, [](Config &c) -> auto & { return c.auth.keyLifetime; }));
    keys.push_back(integer({ "auth"_L1, "logins_per_name"_L1, "Tries a minute to log in as one user, from wherever: 429 beyond; 0: no limit."_L1 }, 0, 1'000'000, [](Config &c) -> auto & { return c.auth.loginsPerName; }));

    keys.push_back(duration({ "tasks"_L1, "keep_for"_L1, "How long a task that has ended is kept."_L1 }, 1min, 24h * 3650, [](Config &c) -> auto & { return c.tasks.keepFor; }));
    keys.push_back(integer({ "tasks"_L1, "keep"_L1, "Tasks that have ended and are kept: the newest."_L1 }, 0, 10'000'000, [](Config &c) -> auto & { return c.tasks.keep; }));

    keys.push_back(duration({ "search"_L1, "deadline"_L1, "Of GET /api/search: 408 beyond."_L1 }, 1ms, 1h, [](Config &c) -> auto & { return c.search.deadline; }));
    keys.push_back(duration({ "search"_L1, "cache_lifetime"_L1, "How long what was found is served again without a query; a change of what is searched ends it sooner."_L1 }, 1ms, 24h, [](Config &c) -> auto & { return c.search.cacheLifetime; }));
    keys.push_back(duration({ "search"_L1, "cache_stale"_L1, "How much longer it is served while it is looked for again; 0s: not."_L1 }, 0ms, 24h, [](Config &c) -> auto & { return c.search.cacheStale; }));
    keys.push_back(integer({ "search"_L1, "cache_entries"_L1, "Queries whose results are kept, at most."_L1 }, 1, 10'000'000, [](Config &c) -> auto & { return c.search.cacheEntries; }));
    keys.push_back(size({ "search"_L1, "cache_size"_L1, "Bytes of those results, at most; what is larger than its part of them is not kept."_L1 }, 0, 64 * GiB, [](Config &c) -> auto & { return c.search.cacheBytes; }));

    keys.push_back(text({ "files"_L1, "directory"_L1, "Where files are that anybody who may write uploads; empty: files in the folder of the database."_L1 }, u"a folder"_s, [](Config &c) -> auto & { return c.files.directory; }));
    keys.push_back(size({ "files"_L1, "max_size"_L1, "Of one file: 413 beyond; 0B: any."_L1 }, 0, 1024 * 1024 * GiB, [](Config &c) -> auto & { return c.files.maxSize; }));
    keys.push_back(size({ "files"_L1, "quota"_L1, "Of all files, and of uploads by their announced length: 507 beyond; 0B: as much as the disk has."_L1 }, 0, 1024 * 1024 * GiB, [](Config &c) -> auto & { return c.files.quota; }));
    keys.push_back(duration({ "files"_L1, "upload_lifetime"_L1, "How long an upload is kept since its last byte."_L1 }, 1s, 24h * 365, [](Config &c) -> auto & { return c.files.uploadLifetime; }));
    keys.push_back(integer({ "files"_L1, "uploads"_L1, "That are received at a time, and as many that wait: 503 beyond."_L1 }, 1, 100'000, [](Config &c) -> auto & { return c.files.uploads; }));
    keys.push_back(integer({ "files"_L1, "uploads_per_user"_L1, "That a user may have begun and not ended: 429 beyond."_L1 }, 1, 1'000'000, [](Config &c) -> auto & { return c.files.uploadsPerUser; }));
    keys.push_back(integer({ "files"_L1, "sending_per_user"_L1, "Uploads that a user may send at a time, those that wait included: 429 beyond."_L1 }, 1, 100'000, [](Config &c) -> auto & { return c.files.sendingPerUser; }));
    keys.push_back(size({ "files"_L1, "announced_per_user"_L1, "Of a user's uploads by what they have announced and not sent yet: 429 beyond; 0B: half the quota."_L1 }, 0, 1024 * 1024 * GiB, [](Config &c) -> auto & { return c.files.announcedPerUser; }));

    keys.push_back(duration({ "events"_L1, "max_age"_L1, "How long an event can be recovered; chat's messages themselves are kept."_L1 }, 1min, 24h * 3650, [](Config &c) -> auto & { return c.events.maxAge; }));
    keys.push_back(integer({ "events"_L1, "max_events"_L1, "Of a topic, that can be recovered: the newest."_L1 }, 1, 1'000'000'000, [](Config &c) -> auto & { return c.events.maxEvents; }));
    keys.push_back(integer({ "events"_L1, "ring_events"_L1, "Of a topic that somebody reads, in memory: the newest."_L1 }, 1, 1'000'000, [](Config &c) -> auto & { return c.events.ringEvents; }));
    keys.push_back(size({ "events"_L1, "ring_size"_L1, "Bytes of those, at most."_L1 }, 1, GiB, [](Config &c) -> auto & { return c.events.ringBytes; }));

    keys.push_back(integer({ "exports"_L1, "concurrency"_L1, "That read at a time, each on a connection to the database; of these one is always left for the rest."_L1 }, 1, 1000, [](Config &c) -> auto & { return c.exports.concurrency; }));
    keys.push_back(integer({ "exports"_L1, "queue"_L1, "That wait for their turn: 503 beyond."_L1 }, 0, 100'000, [](Config &c) -> auto & { return c.exports.queue; }));
}
// clang-format on

} // namespace godwit::config
