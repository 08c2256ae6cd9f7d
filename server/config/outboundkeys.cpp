// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/keytypes.h"

#include <QHostAddress>
#include <QRegularExpression>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::config {

/// A network, an address or a host name; AddressPolicy reads it.
static bool isNetworkOrHost(const QString &text)
{
    static const QRegularExpression host(u"^[\\w-]+(\\.[\\w-]+)*$"_s, QRegularExpression::UseUnicodePropertiesOption);
    return QHostAddress::parseSubnet(text).second >= 0 || (!text.contains(u'/') && host.match(text).hasMatch());
}

static bool isWebhookEvent(const QString &text)
{
    static const QStringList events{ u"task.completed"_s, u"task.failed"_s, u"task.cancelled"_s, u"alert.firing"_s,
                                     u"alert.resolved"_s };
    return events.contains(text);
}

// Formatted as a table: a line a key.
// clang-format off
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
    keys.push_back(texts({ "webhooks"_L1, "events"_L1, "Which are told."_L1 }, u"task.completed, task.failed, task.cancelled, alert.firing, alert.resolved"_s, [](Config &c) -> auto & { return c.webhooks.events; }, isWebhookEvent));
    keys.push_back(integer({ "webhooks"_L1, "queue"_L1, "Events that may wait: dropped beyond, which the log says."_L1 }, 1, 1'000'000, [](Config &c) -> auto & { return c.webhooks.queue; }));
    keys.push_back(integer({ "webhooks"_L1, "attempts"_L1, "With the first, of an event."_L1 }, 1, 100, [](Config &c) -> auto & { return c.webhooks.attempts; }));
    keys.push_back(duration({ "webhooks"_L1, "retry_delay"_L1, "Before the second attempt at most; doubles with each up to a minute, and is drawn by lot below."_L1 }, 1ms, 1min, [](Config &c) -> auto & { return c.webhooks.retryDelay; }));
}
// clang-format on

} // namespace godwit::config
