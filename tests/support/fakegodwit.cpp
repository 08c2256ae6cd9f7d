// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fakegodwit.h"

#include <QJsonArray>
#include <QJsonObject>

#include <cmath>

namespace godwit::test {

using namespace Qt::StringLiterals;
using protocol::SseEvent;

static QByteArray bytes(const QJsonObject &json)
{
    return QJsonDocument(json).toJson(QJsonDocument::Compact);
}

FakeGodwit::FakeGodwit(QObject *parent) : FakeServer(parent)
{
    serveMetrics();
    serveChat();
    serveRooms();
    serveTasks();
    serveSearch();
}

void FakeGodwit::serveMetrics()
{
    on("GET /api/metrics/stream"_ba, [this](const FakeRequest &, const FakeReply &reply) {
        reply.beginStream();
        m_metricsReaders.append(reply);
    });
}

void FakeGodwit::sendSample(const protocol::MetricsSample &sample)
{
    m_metricsReaders.removeIf([](const FakeReply &reader) { return !reader.isOpen(); });
    for (const FakeReply &reader : std::as_const(m_metricsReaders)) {
        reader.send(SseEvent{ .event = "metrics"_ba,
                              .data = bytes(sample.toJson()),
                              .id = QByteArray::number(sample.counter),
                              .retry = {} });
    }
}

protocol::MetricsSample FakeGodwit::sampleAt(Timestamp time, int second)
{
    const double t = second;
    const double noise = std::fmod(std::abs(std::sin(t * 12.9898) * 43758.5453), 1.0); // a hash, not a random number
    const double wave = 0.5 + 0.5 * std::sin(t / 40);
    const double burst = second % 95 > 70 ? 1 : 0;

    protocol::MetricsSample sample;
    sample.timestamp = time;
    sample.counter = second;
    sample.cpuUsage = 14 + 22 * wave + 9 * noise + 26 * burst;
    sample.memoryUsage = 46 + 4 * std::sin(t / 150) + 0.3 * noise;
    sample.requestsPerSecond = 380 + 900 * wave + 120 * noise + 1400 * burst;
    sample.p50Ms = 0.35 + 0.2 * wave + 0.08 * noise;
    sample.p95Ms = 1.2 + 0.7 * wave + 0.5 * noise + 2 * burst;
    sample.p99Ms = 2.4 + 1.6 * wave + 1.4 * noise + 7 * burst;
    sample.httpConnections = 42 + qRound(20 * wave + 6 * noise);
    sample.sseConnections = 6 + qRound(2 * noise);
    sample.webSocketConnections = 18 + qRound(5 * std::sin(t / 60));
    sample.errorsPerSecond = burst > 0 ? 1.2 : 0;
    sample.load1 = 0.6 + wave;
    sample.load5 = 0.8;
    sample.load15 = 0.7;
    sample.memoryTotalBytes = 16LL << 30;
    sample.memoryUsedBytes = static_cast<qint64>(sample.memoryUsage / 100 * static_cast<double>(16LL << 30));
    sample.processMemoryBytes = 38LL << 20;
    sample.processCpuUsage = 9 + 20 * wave;
    sample.diskReadPerSecond = 120'000 * noise;
    sample.diskWritePerSecond = 2.4e6 * wave;
    sample.networkReceivePerSecond = 1.1e6 * wave;
    sample.networkSendPerSecond = 6.3e6 * wave;
    sample.temperature = 51 + 6 * wave;
    const double rate = sample.requestsPerSecond;
    sample.routes = {
        { u"GET /api/search"_s, rate * 0.61, 0, 0.6, sample.p99Ms },
        { u"GET /api/tasks"_s, rate * 0.2, 0, 0.3, 1.1 + noise },
        { u"GET /health"_s, rate * 0.12, 0, 0.05, 0.2 },
        { u"POST /api/tasks"_s, rate * 0.05, burst * 1.2, 1.9, 6.5 + 5 * burst },
        { u"GET /api/documents/{id}"_s, rate * 0.02, 0, 0.4, 1.6 },
    };
    return sample;
}

protocol::Task *FakeGodwit::task(const FakeRequest &request)
{
    const qint64 id = request.parameters.value(0).toLongLong();
    const auto found = std::find_if(m_tasks.begin(), m_tasks.end(), [id](const auto &one) { return one.id == id; });
    return found == m_tasks.end() ? nullptr : &*found;
}

void FakeGodwit::serveTasks()
{
    on("GET /api/tasks"_ba, [this](const FakeRequest &, const FakeReply &reply) {
        QJsonArray items;
        for (const protocol::Task &one : std::as_const(m_tasks))
            items.append(one.toJson());
        reply.json(QJsonDocument(QJsonObject{ { u"items"_s, items }, { u"next"_s, QJsonValue::Null } }));
    });
    on("POST /api/tasks"_ba, [this](const FakeRequest &request, const FakeReply &reply) {
        const auto wanted = protocol::NewTask::fromJson(request.json());
        if (!wanted)
            return reply.problem(422, wanted.error().message());
        protocol::Task made;
        made.id = m_tasks.size() + 1;
        made.kind = wanted->kind;
        made.params = wanted->params;
        made.priority = wanted->priority;
        made.createdAt = Clock::system().timestamp();
        m_tasks.append(made);
        reply.json(QJsonDocument(made.toJson()), 202);
    });
    on("GET /api/tasks/{id}"_ba, [this](const FakeRequest &request, const FakeReply &reply) {
        const protocol::Task *found = task(request);
        if (!found)
            return reply.problem(404, u"no such task"_s);
        reply.json(QJsonDocument(found->toJson()));
    });
    on("POST /api/tasks/{id}/cancel"_ba, [this](const FakeRequest &request, const FakeReply &reply) {
        const protocol::Task *found = task(request);
        if (!found)
            return reply.problem(404, u"no such task"_s);
        progress({ found->id, found->progress, protocol::TaskStatus::Cancelled, u"cancelled"_s });
        reply.json(QJsonDocument(found->toJson()));
    });
    on("POST /api/tasks/{id}/retry"_ba, [this](const FakeRequest &request, const FakeReply &reply) {
        protocol::Task *found = task(request);
        if (!found)
            return reply.problem(404, u"no such task"_s);
        if (!protocol::isFinal(found->status))
            return reply.problem(409, u"the task has not ended"_s);
        found->status = protocol::TaskStatus::Queued;
        found->progress = 0;
        reply.json(QJsonDocument(found->toJson()));
    });
    on("DELETE /api/tasks/{id}"_ba, [this](const FakeRequest &request, const FakeReply &reply) {
        const protocol::Task *found = task(request);
        if (!found)
            return reply.problem(404, u"no such task"_s);
        m_tasks.removeIf([id = found->id](const protocol::Task &one) { return one.id == id; });
        reply.answer(204, {});
    });
    on("GET /api/tasks/{id}/events"_ba, [this](const FakeRequest &request, const FakeReply &reply) {
        const protocol::Task *found = task(request);
        if (!found)
            return reply.problem(404, u"no such task"_s);
        reply.beginStream();
        m_taskReaders.insert(found->id, reply);
        progress({ found->id, found->progress, found->status, found->message });
    });
}

void FakeGodwit::progress(const protocol::TaskProgress &progress)
{
    for (protocol::Task &one : m_tasks) {
        if (one.id == progress.taskId) {
            one.progress = progress.progress;
            one.status = progress.status;
            one.message = progress.message;
        }
    }
    const auto readers = m_taskReaders.values(progress.taskId);
    for (const FakeReply &reader : readers) {
        reader.send(SseEvent{ .event = "progress"_ba, .data = bytes(progress.toJson()), .id = {}, .retry = {} });
        if (protocol::isFinal(progress.status))
            reader.send(SseEvent{ .event = "end"_ba, .data = "end"_ba, .id = {}, .retry = {} });
    }
    if (protocol::isFinal(progress.status))
        m_taskReaders.remove(progress.taskId);
}

void FakeGodwit::serveSearch()
{
    on("GET /api/search"_ba, [this](const FakeRequest &request, const FakeReply &reply) {
        QJsonArray items;
        const qsizetype limit = std::max(1, request.query.queryItemValue(u"limit"_s).toInt());
        for (const protocol::SearchHit &hit : m_hits.first(std::min(limit, m_hits.size())))
            items.append(hit.toJson());
        reply.answer(200, QJsonDocument(items).toJson(), "application/json"_ba, "X-Cache: miss\r\n"_ba);
    });
}

} // namespace godwit::test
