// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/inspection.h"

#include "server/app/askreactors.h"
#include "server/config/keys.h"
#include "server/config/units.h"
#include "server/http/channelregistry.h"
#include "server/metrics/inspecttoolkit.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::app {

using metrics::Inspectable;
using metrics::seconds;
using protocol::RuntimePart;

Inspectable inspectable(db::Pool &pool, const db::Options &options)
{
    const auto inspect = [&pool, options](RuntimePart &part) {
        const auto figures = pool.figures();
        part.state = figures.queued > 0 ? u"full"_s : figures.busy > 0 ? u"busy"_s : u"idle"_s;
        part.figures = { { u"connections"_s, figures.connections }, { u"busy"_s, figures.busy },
                         { u"queued"_s, qint64(figures.queued) },   { u"written"_s, qint64(figures.written) },
                         { u"commits"_s, qint64(figures.commits) }, { u"refused"_s, qint64(figures.refused) } };
        part.limits = { { u"max_connections"_s, options.maxConnections },
                        { u"min_connections"_s, options.minConnections },
                        { u"queue"_s, qint64(options.queue) },
                        { u"acquire_timeout"_s, seconds(options.acquireTimeout) },
                        { u"idle_timeout"_s, seconds(options.idleTimeout) },
                        { u"lifetime"_s, seconds(options.lifetime) } };
    };
    return { .kind = u"pool"_s, .name = u"database"_s, .inspect = inspect, .actions = { { u"drain"_s, [&pool] {
                                                                                             pool.drain();
                                                                                         } } } };
}

Inspectable inspectable(const runtime::BlockingPool &pool, const runtime::Options &options)
{
    const auto inspect = [&pool, options](RuntimePart &part) {
        const auto figures = pool.figures();
        part.state = figures.queued > 0 ? u"full"_s : figures.busy > 0 ? u"busy"_s : u"idle"_s;
        part.figures = { { u"threads"_s, figures.threads },
                         { u"busy"_s, figures.busy },
                         { u"queued"_s, qint64(figures.queued) } };
        part.limits = { { u"threads"_s, options.blockingThreads },
                        { u"queue"_s, qint64(options.blockingQueue) },
                        { u"keep_alive"_s, seconds(options.blockingKeepAlive) } };
    };
    return { .kind = u"pool"_s, .name = u"blocking"_s, .inspect = inspect };
}

Inspectable inspectable(tasks::Service &tasks)
{
    const auto inspect = [&tasks](RuntimePart &part) {
        const auto figures = tasks.figures();
        part.state = figures.isPaused ? u"paused"_s : figures.running > 0 ? u"busy"_s : u"idle"_s;
        part.figures = { { u"running"_s, figures.running },
                         { u"waiting"_s, figures.waiting },
                         { u"delayed"_s, figures.delayed } };
        for (const auto &kind : figures.kinds) {
            part.figures[kind.name + u"_running"_s] = kind.running;
            part.figures[kind.name + u"_waiting"_s] = kind.waiting;
            part.limits[kind.name] = kind.concurrency;
        }
    };
    const auto pause = [&tasks] {
        if (tasks.figures().isPaused)
            throw Error(Error::Code::Conflict, u"the tasks are paused already"_s);
        tasks.pause();
    };
    const auto resume = [&tasks] {
        if (!tasks.figures().isPaused)
            throw Error(Error::Code::Conflict, u"the tasks are not paused"_s);
        tasks.resume();
    };
    return { .kind = u"queue"_s,
             .name = u"tasks"_s,
             .inspect = inspect,
             .actions = { { u"pause"_s, pause }, { u"resume"_s, resume } } };
}

metrics::InspectableGroup inspectableSchedules(const tasks::Schedules &schedules)
{
    const auto list = [&schedules](qsizetype most) {
        metrics::InspectableGroup::Listed listed;
        const auto known = schedules.known();
        for (const protocol::Schedule &schedule : known.first(std::min(most, known.size()))) {
            RuntimePart part{ .kind = {},
                              .name = QString::number(schedule.id),
                              .state = schedule.what.isEnabled ? u"waiting"_s : u"off"_s };
            part.figures = { { u"name"_s, schedule.what.name },
                             { u"task"_s, schedule.what.task.kind },
                             { u"cron"_s, schedule.what.cron },
                             { u"time_zone"_s, schedule.what.timeZone } };
            if (schedule.nextAt)
                part.figures[u"next_at"_s] = toRfc3339(*schedule.nextAt);
            if (schedule.lastAt)
                part.figures[u"last_at"_s] = toRfc3339(*schedule.lastAt);
            listed.parts.append(part);
        }
        listed.omitted = known.size() - listed.parts.size();
        return listed;
    };
    return { .kind = u"schedule"_s, .list = list };
}

namespace {

struct WorkerAnswer
{
    TimePoint at;
    http::ChannelRegistry::Figures connections;
    qint64 queuedBytes = 0;
};

RuntimePart toPart(int index, const std::optional<WorkerAnswer> &answer, TimePoint askedAt)
{
    RuntimePart part{ .kind = {}, .name = u"io-%1"_s.arg(index), .state = u"stuck"_s };
    if (!answer)
        return part;
    const auto &connections = answer->connections;
    part.state = connections.busy > 0 ? u"busy"_s : u"idle"_s;
    part.queueBytes = answer->queuedBytes;
    part.figures = { { u"loop_lag"_s, seconds(answer->at - askedAt) },
                     { u"connections"_s, connections.total() },
                     { u"idle"_s, connections.idle },
                     { u"busy"_s, connections.busy },
                     { u"streaming"_s, connections.streaming },
                     { u"websockets"_s, connections.upgraded },
                     { u"closing"_s, connections.closing } };
    return part;
}

QString toText(http::OpenConnection::State state)
{
    switch (state) {
    case http::OpenConnection::State::Handshake:
        return u"handshake"_s;
    case http::OpenConnection::State::Idle:
        return u"idle"_s;
    case http::OpenConnection::State::Busy:
        return u"busy"_s;
    case http::OpenConnection::State::Closing:
        return u"closing"_s;
    }
    return {};
}

QString toText(http::OpenConnection::Kind kind)
{
    switch (kind) {
    case http::OpenConnection::Kind::Http:
        return u"http"_s;
    case http::OpenConnection::Kind::EventStream:
        return u"sse"_s;
    case http::OpenConnection::Kind::WebSocket:
        return u"websocket"_s;
    }
    return {};
}

RuntimePart toPart(const http::OpenConnection &connection, int worker)
{
    const QString address = connection.address.isNull() ? u"unix"_s : connection.address.toString();
    return { .kind = {},
             .name = QString::number(connection.id),
             .state = toText(connection.state),
             .queueBytes = connection.queuedBytes,
             .figures = { { u"protocol"_s, toText(connection.kind) },
                          { u"address"_s, address },
                          { u"port"_s, connection.port },
                          { u"worker"_s, u"io-%1"_s.arg(worker) },
                          { u"age"_s, seconds(connection.age) },
                          { u"requests"_s, connection.requests },
                          { u"route"_s, QString::fromUtf8(connection.route) },
                          { u"request_id"_s, QString::fromUtf8(connection.requestId) },
                          { u"user"_s, connection.user } },
             .actions = { u"kick"_s } };
}

} // namespace

metrics::InspectableGroup inspectableWorkers(runtime::ReactorGroup &reactors)
{
    const auto list = [&reactors](qsizetype) {
        const TimePoint askedAt = std::chrono::steady_clock::now();
        const auto answers = askReactors<WorkerAnswer>(reactors, [](int) {
            const auto &registry = http::ChannelRegistry::ofThisThread();
            return WorkerAnswer{ .at = std::chrono::steady_clock::now(),
                                 .connections = registry.figures(),
                                 .queuedBytes = registry.queuedBytes() };
        });
        metrics::InspectableGroup::Listed listed;
        for (size_t i = 0; i < answers.size(); ++i)
            listed.parts.append(toPart(int(i), answers[i], askedAt));
        return listed;
    };
    return { .kind = u"worker"_s, .list = list };
}

metrics::InspectableGroup inspectableConnections(runtime::ReactorGroup &reactors)
{
    struct Answer
    {
        std::vector<http::OpenConnection> connections;
        qint64 total = 0;
    };
    const auto list = [&reactors](qsizetype most) {
        const auto answers = askReactors<Answer>(reactors, [most](int) {
            const auto &registry = http::ChannelRegistry::ofThisThread();
            return Answer{ .connections = registry.connections(most), .total = registry.figures().total() };
        });
        metrics::InspectableGroup::Listed listed;
        qint64 total = 0;
        for (size_t i = 0; i < answers.size(); ++i) {
            if (!answers[i])
                continue;
            total += answers[i]->total;
            for (const http::OpenConnection &connection : answers[i]->connections)
                listed.parts.append(toPart(connection, int(i)));
        }
        const auto isBusier = [](const RuntimePart &a, const RuntimePart &b) {
            return std::pair(a.queueBytes, a.state != u"idle"_s) > std::pair(b.queueBytes, b.state != u"idle"_s);
        };
        std::stable_sort(listed.parts.begin(), listed.parts.end(), isBusier);
        if (listed.parts.size() > most)
            listed.parts.resize(most);
        listed.omitted = std::max<qint64>(0, total - listed.parts.size());
        return listed;
    };
    const auto act = [&reactors](const QString &name, const QString &action) {
        if (action != u"kick"_s)
            throw Error(Error::Code::NotFound, u"a connection knows no \"%1\""_s.arg(action));
        const auto answers = askReactors<bool>(reactors, [id = name.toULongLong()](int) {
            return http::ChannelRegistry::ofThisThread().abortConnection(id);
        });
        if (std::ranges::none_of(answers, [](const std::optional<bool> &cut) { return cut.value_or(false); }))
            throw Error(Error::Code::NotFound, u"there is no connection \"%1\""_s.arg(name));
    };
    return { .kind = u"connection"_s, .list = list, .act = act };
}

metrics::InspectableGroup inspectableRooms(runtime::ReactorGroup &reactors, const chat::LiveRooms &rooms)
{
    const auto list = [&reactors, &rooms](qsizetype most) {
        QHash<QString, qint64> queued;
        for (const auto &answer :
             askReactors<QHash<QString, qint64>>(reactors, [&rooms](int) { return rooms.queuedBytesHere(); })) {
            if (!answer)
                continue;
            for (const auto &[name, bytes] : answer->asKeyValueRange())
                queued[name] += bytes;
        }
        metrics::InspectableGroup::Listed listed;
        for (const chat::LiveRooms::Room &room : rooms.rooms())
            listed.parts.append(
                { .kind = {},
                  .name = room.name,
                  .state = queued.contains(room.name) ? u"busy"_s : u"idle"_s,
                  .queueBytes = queued.value(room.name),
                  .figures = { { u"members"_s, room.members }, { u"last_offset"_s, room.lastOffset } } });
        const auto isBusier = [](const RuntimePart &a, const RuntimePart &b) {
            const auto weight = [](const RuntimePart &part) {
                return std::pair(part.queueBytes, part.figures[u"members"_s].toInt());
            };
            return weight(a) != weight(b) ? weight(a) > weight(b) : a.name < b.name;
        };
        std::sort(listed.parts.begin(), listed.parts.end(), isBusier);
        listed.omitted = std::max<qint64>(0, listed.parts.size() - most);
        listed.parts.resize(std::min(most, listed.parts.size()));
        return listed;
    };
    return { .kind = u"room"_s, .list = list };
}

metrics::InspectableGroup inspectableExports(const exports::Service &exports)
{
    const auto list = [&exports](qsizetype most) {
        metrics::InspectableGroup::Listed listed;
        const TimePoint now = std::chrono::steady_clock::now();
        const auto running = exports.running();
        for (const auto &one : running) {
            if (listed.parts.size() == most)
                break;
            // One user may export the same twice: a number is what tells them apart.
            listed.parts.append(
                { .kind = {},
                  .name = u"%1-%2"_s.arg(one.dataset).arg(one.id),
                  .state = u"sending"_s,
                  .figures
                  = { { u"user"_s, one.user }, { u"bytes"_s, one.bytes }, { u"age"_s, seconds(now - one.since) } } });
        }
        listed.omitted = qint64(running.size()) - listed.parts.size();
        return listed;
    };
    return { .kind = u"export"_s, .list = list };
}

metrics::InspectableGroup inspectableSettings(const config::Config &config)
{
    const auto list = [&config](qsizetype) {
        metrics::InspectableGroup::Listed listed;
        for (const config::Key &key : config::keys()) {
            const QString text = key.show(config);
            QJsonValue value;
            switch (key.type) {
            case config::Key::Type::Integer:
                value = text.toLongLong();
                break;
            case config::Key::Type::Boolean:
                value = text == u"true"_s;
                break;
            case config::Key::Type::Duration:
                if (const auto span = config::durationFrom(text.mid(1, text.size() - 2)))
                    value = seconds(*span);
                break;
            case config::Key::Type::Size:
                if (const auto bytes = config::sizeFrom(text.mid(1, text.size() - 2)))
                    value = *bytes;
                break;
            case config::Key::Type::Text:
            case config::Key::Type::Texts:
                continue;
            }
            const QString section = key.section;
            auto part = std::ranges::find(listed.parts, section, &RuntimePart::name);
            if (part == listed.parts.end()) {
                listed.parts.append({ .kind = {}, .name = section, .state = {} });
                part = listed.parts.end() - 1;
            }
            part->limits[key.name] = value;
        }
        return listed;
    };
    return { .kind = u"settings"_s, .list = list };
}

} // namespace godwit::app
