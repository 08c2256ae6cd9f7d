// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/outboundfigures.h"

#include "server/metrics/inspecttoolkit.h"

using namespace Qt::StringLiterals;

namespace godwit::app {

using metrics::seconds;
using outbound::Client;
using outbound::Host;
using outbound::TraceExporter;
using outbound::Webhooks;
using protocol::RuntimePart;

void addOutboundFigures(metrics::Registry &registry, const Client &client, const Webhooks &hooks,
                        const TraceExporter &traces)
{
    const auto counter = [&](const char *name, const char *help, qint64 Client::Figures::*figure) {
        registry.addCounter(name, help, [&client, figure] { return double(client.figures().*figure); });
    };
    counter("godwit_outbound_requests_total", "Requests to other servers.", &Client::Figures::requests);
    counter("godwit_outbound_attempts_total", "Attempts of those, with the first.", &Client::Figures::attempts);
    counter("godwit_outbound_retries_total", "Attempts after one that failed.", &Client::Figures::retries);
    counter("godwit_outbound_failed_total", "Requests that ended without an answer.", &Client::Figures::failed);
    counter("godwit_outbound_refused_total", "Attempts that the address policy refused.", &Client::Figures::refused);
    counter("godwit_outbound_received_bytes_total", "Of decoded bodies.", &Client::Figures::receivedBytes);
    registry.addGauge("godwit_outbound_running", "Requests to other servers at the moment.",
                      [&client] { return double(client.figures().running); });
    registry.addGauge("godwit_outbound_waiting", "Such requests that wait for a place.",
                      [&client] { return double(client.figures().waiting); });
    registry.addGauge("godwit_outbound_open_breakers", "Servers that are not asked at the moment because they failed.",
                      [&client] { return double(client.figures().openBreakers); });

    const auto hook = [&](const char *name, const char *help, qint64 Webhooks::Figures::*figure) {
        registry.addCounter(name, help, [&hooks, figure] { return double(hooks.figures().*figure); });
    };
    hook("godwit_webhooks_delivered_total", "Events that have arrived.", &Webhooks::Figures::delivered);
    hook("godwit_webhooks_failed_total", "Events that were given up.", &Webhooks::Figures::failed);
    hook("godwit_webhooks_dropped_total", "Events that the queue had no room for.", &Webhooks::Figures::dropped);
    registry.addGauge("godwit_webhooks_pending", "Events that wait or are on their way.",
                      [&hooks] { return double(hooks.figures().pending); });

    const auto spans = [&](const char *name, const char *help, qint64 TraceExporter::Figures::*figure) {
        registry.addCounter(name, help, [&traces, figure] { return double(traces.figures().*figure); });
    };
    spans("godwit_traces_exported_total", "Spans that the collector has taken.", &TraceExporter::Figures::exported);
    spans("godwit_traces_rejected_total", "Spans that the collector did not take.", &TraceExporter::Figures::rejected);
    spans("godwit_traces_failed_total", "Spans that were given up.", &TraceExporter::Figures::failed);
    spans("godwit_traces_dropped_total", "Spans that the queue had no room for.", &TraceExporter::Figures::dropped);
    registry.addGauge("godwit_traces_pending", "Requests that wait to be exported or are on their way.",
                      [&traces] { return double(traces.figures().pending); });
}

static metrics::Inspectable inspectable(const Client &client)
{
    const auto inspect = [&client](RuntimePart &part) {
        const auto figures = client.figures();
        const auto &options = client.options();
        part.state = figures.waiting > 0 ? u"full"_s : figures.running > 0 ? u"busy"_s : u"idle"_s;
        part.figures = { { u"running"_s, figures.running },   { u"waiting"_s, figures.waiting },
                         { u"requests"_s, figures.requests }, { u"attempts"_s, figures.attempts },
                         { u"retries"_s, figures.retries },   { u"redirects"_s, figures.redirects },
                         { u"failed"_s, figures.failed },     { u"refused"_s, figures.refused },
                         { u"hosts"_s, figures.hosts },       { u"received_bytes"_s, figures.receivedBytes } };
        part.limits = { { u"concurrency"_s, options.concurrency },
                        { u"queue"_s, options.queue },
                        { u"connections_per_host"_s, options.connectionsPerHost },
                        { u"idle_timeout"_s, seconds(options.idleTimeout) },
                        { u"timeout"_s, seconds(options.timeout) },
                        { u"connect_timeout"_s, seconds(options.connectTimeout) },
                        { u"body"_s, options.bodyBytes } };
    };
    return { .kind = u"pool"_s, .name = u"outbound"_s, .inspect = inspect };
}

static RuntimePart describe(Host &host)
{
    RuntimePart part{
        .kind = {}, .name = host.breaker.options().name, .state = {}, .actions = { u"trip"_s, u"reset"_s }
    };
    metrics::inspectable(host.breaker).inspect(part);
    int running = 0, waiting = 0;
    for (const auto &places : host.places) {
        running += places->figures().running;
        waiting += places->figures().waiting;
    }
    part.figures.insert(u"running"_s, running);
    part.figures.insert(u"waiting"_s, waiting);
    part.figures.insert(u"retries_available"_s, host.budget.available());
    return part;
}

static metrics::InspectableGroup upstreams(Client &client)
{
    const auto list = [&client](qsizetype most) {
        metrics::InspectableGroup::Listed listed;
        for (const auto &host : client.hosts().all()) {
            if (listed.parts.size() < most)
                listed.parts.append(describe(*host));
            else
                ++listed.omitted;
        }
        return listed;
    };
    const auto act = [&client](const QString &name, const QString &action) {
        const auto host = client.hosts().find(name);
        if (!host || (action != "trip"_L1 && action != "reset"_L1))
            throw Error(Error::Code::NotFound, u"there is no upstream \"%1\" with \"%2\""_s.arg(name, action));
        if (action == "trip"_L1)
            host->breaker.trip();
        else
            host->breaker.reset();
    };
    return { .kind = u"upstream"_s, .list = list, .act = act };
}

static metrics::Inspectable inspectable(const Webhooks &hooks)
{
    const auto inspect = [&hooks](RuntimePart &part) {
        const auto figures = hooks.figures();
        const auto &options = hooks.options();
        part.state = !options.isEnabled() ? u"off"_s : figures.pending > 0 ? u"busy"_s : u"idle"_s;
        part.figures = { { u"pending"_s, figures.pending },
                         { u"delivered"_s, figures.delivered },
                         { u"failed"_s, figures.failed },
                         { u"dropped"_s, figures.dropped },
                         { u"retries"_s, figures.retries } };
        part.limits = { { u"queue"_s, options.queue },
                        { u"concurrency"_s, options.concurrency },
                        { u"attempts"_s, options.attempts } };
    };
    return { .kind = u"queue"_s, .name = u"webhooks"_s, .inspect = inspect };
}

static metrics::Inspectable inspectable(const TraceExporter &traces)
{
    const auto inspect = [&traces](RuntimePart &part) {
        const auto figures = traces.figures();
        const auto &options = traces.options();
        part.state = !options.isEnabled() ? u"off"_s : figures.pending > 0 ? u"busy"_s : u"idle"_s;
        part.figures = { { u"pending"_s, figures.pending },   { u"exported"_s, figures.exported },
                         { u"rejected"_s, figures.rejected }, { u"failed"_s, figures.failed },
                         { u"dropped"_s, figures.dropped },   { u"batches"_s, figures.batches },
                         { u"retries"_s, figures.retries } };
        part.limits = { { u"queue"_s, options.queue },
                        { u"interval"_s, seconds(options.interval) },
                        { u"attempts"_s, options.attempts } };
    };
    return { .kind = u"queue"_s, .name = u"traces"_s, .inspect = inspect };
}

void addOutboundInspected(metrics::Registrations &registrations, Client &client, const Webhooks &hooks,
                          const TraceExporter &traces)
{
    registrations.add(inspectable(client));
    registrations.add(upstreams(client));
    registrations.add(inspectable(hooks));
    registrations.add(inspectable(traces));
}

} // namespace godwit::app
