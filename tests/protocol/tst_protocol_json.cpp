// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/chat.h"
#include "shared/protocol/metrics.h"
#include "shared/protocol/search.h"
#include "shared/protocol/task.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

#include <cmath>
#include <limits>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::protocol;

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
const Timestamp noon{ 1'700'000'000'123ms };

/// Through bytes, as over the wire.
QJsonObject sent(const QJsonObject &json)
{
    return QJsonDocument::fromJson(QJsonDocument(json).toJson()).object();
}

template<class T>
QString failureOf(const QJsonObject &json)
{
    const auto result = T::fromJson(json);
    return result ? u"no failure"_s : result.error().message();
}

MetricsSample fullSample()
{
    return {
        .timestamp = noon,
        .cpuUsage = 12.5,
        .memoryUsage = 40.25,
        .requestsPerSecond = 99.5,
        .counter = 7,
        .p50Ms = 0.5,
        .p95Ms = 1.5,
        .p99Ms = 2.5,
        .httpConnections = 1,
        .sseConnections = 2,
        .webSocketConnections = 3,
        .errorsPerSecond = 0.125,
        .load1 = 1,
        .load5 = 2,
        .load15 = 3,
        .memoryTotalBytes = 8'000'000'000,
        .memoryUsedBytes = 4'000'000'000,
        .processMemoryBytes = 50'000'000,
        .processCpuUsage = 30,
        .diskReadPerSecond = 11,
        .diskWritePerSecond = 12,
        .networkReceivePerSecond = 13,
        .networkSendPerSecond = 14,
        .temperature = 55.5,
        .routes = { { .route = u"GET /a"_s, .requestsPerSecond = 5, .errorsPerSecond = 0, .p50Ms = 1, .p99Ms = 2 } },
    };
}

} // namespace

class tst_ProtocolJson : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void chatMessage();
    void metricsSample();
    void whatIsNotKnownIsNull();
    void aSampleOfAnOlderServer();
    void taskWithAndWithoutTimes();
    void taskProgress();
    void newTask();
    void searchHitAndDocument();
    void statusHasItsWords();
    void refusals_data();
    void refusals();
};

void tst_ProtocolJson::chatMessage()
{
    const ChatMessage message{ .id = 9'007'199'254'740'991,
                               .room = u"kitchen"_s,
                               .offset = 12,
                               .user = u"Ada"_s,
                               .message = u"<b>\"ä€😀\"\n"_s,
                               .timestamp = noon };
    const QJsonObject json = message.toJson();
    QCOMPARE(json.keys(), QStringList({ u"id"_s, u"message"_s, u"offset"_s, u"room"_s, u"timestamp"_s, u"user"_s }));
    QCOMPARE(json[u"timestamp"_s].toString(), u"2023-11-14T22:13:20.123Z"_s);
    QVERIFY(*ChatMessage::fromJson(sent(json)) == message);
}

void tst_ProtocolJson::metricsSample()
{
    const MetricsSample sample = fullSample();
    const QJsonObject json = sent(sample.toJson());
    for (const auto &name :
         { u"timestamp"_s, u"cpu_usage"_s, u"memory_usage"_s, u"requests_per_second"_s, u"counter"_s })
        QVERIFY2(json.contains(name), qPrintable(name)); // the contract's names
    const auto read = MetricsSample::fromJson(json);
    QVERIFY(read.has_value());
    QCOMPARE(read->toJson(), sample.toJson());
    QCOMPARE(read->memoryTotalBytes, 8'000'000'000);
    QCOMPARE(read->temperature, 55.5);
    QVERIFY(read->routes == sample.routes);
}

void tst_ProtocolJson::whatIsNotKnownIsNull()
{
    MetricsSample sample = fullSample();
    sample.cpuUsage = unknown;
    sample.temperature = unknown;
    sample.p99Ms = std::numeric_limits<double>::infinity();
    sample.routes.first().p50Ms = unknown;
    const QJsonObject json = sent(sample.toJson());
    QVERIFY(json[u"cpu_usage"_s].isNull());
    QVERIFY(json[u"temperature"_s].isNull());
    QVERIFY(json[u"p99_ms"_s].isNull());
    QVERIFY(json[u"routes"_s][0][u"p50_ms"_s].isNull());
    const auto read = MetricsSample::fromJson(json);
    QVERIFY(read.has_value());
    QVERIFY(std::isnan(read->cpuUsage));
    QVERIFY(std::isnan(read->temperature));
    QVERIFY(std::isnan(read->routes.first().p50Ms));
    QCOMPARE(read->memoryUsage, 40.25);
}

void tst_ProtocolJson::aSampleOfAnOlderServer()
{
    const auto read = MetricsSample::fromJson({ { u"timestamp"_s, u"2023-11-14T22:13:20.123Z"_s },
                                                { u"cpu_usage"_s, 1 },
                                                { u"memory_usage"_s, 2 },
                                                { u"requests_per_second"_s, 3 },
                                                { u"counter"_s, 4 } });
    QVERIFY(read.has_value());
    QVERIFY(read->timestamp == noon);
    QVERIFY(std::isnan(read->load1)); // not told is not zero
    QVERIFY(read->routes.isEmpty());
}

void tst_ProtocolJson::taskWithAndWithoutTimes()
{
    Task task{ .id = 3,
               .kind = u"import"_s,
               .params = { { u"path"_s, u"/srv/docs"_s } },
               .priority = -2,
               .status = TaskStatus::Queued,
               .progress = 0,
               .message = {},
               .attempts = 0,
               .createdAt = noon,
               .startedAt = {},
               .finishedAt = {},
               .etaSeconds = {},
               .result = {} };
    QJsonObject json = sent(task.toJson());
    QVERIFY(json[u"started_at"_s].isNull());
    QVERIFY(json[u"finished_at"_s].isNull());
    QVERIFY(json[u"eta_seconds"_s].isNull());
    const auto queued = Task::fromJson(json);
    QVERIFY(queued.has_value());
    QVERIFY(!queued->startedAt && !queued->finishedAt && !queued->etaSeconds);
    QCOMPARE(queued->toJson(), task.toJson());

    task.status = TaskStatus::Failed;
    task.progress = 41.5;
    task.startedAt = noon + 1s;
    task.finishedAt = noon + 3s;
    task.etaSeconds = 2.5;
    task.result = { { u"files"_s, 3 } };
    const auto failed = Task::fromJson(sent(task.toJson()));
    QVERIFY(failed.has_value());
    QVERIFY(failed->startedAt == noon + 1s);
    QVERIFY(failed->finishedAt == noon + 3s);
    QCOMPARE(failed->toJson(), task.toJson());
}

void tst_ProtocolJson::taskProgress()
{
    const TaskProgress progress{ .taskId = 8, .progress = 12.5, .status = TaskStatus::Running, .message = u"a.md"_s };
    const QJsonObject expected{
        { u"task_id"_s, 8 }, { u"progress"_s, 12.5 }, { u"status"_s, u"running"_s }, { u"message"_s, u"a.md"_s }
    };
    QCOMPARE(progress.toJson(), expected);
    QCOMPARE(TaskProgress::fromJson(expected)->toJson(), expected);
}

void tst_ProtocolJson::newTask()
{
    const auto task = NewTask::fromJson({ { u"kind"_s, u"sleep"_s } });
    QVERIFY(task.has_value());
    QCOMPARE(task->priority, 0);
    QVERIFY(task->params.isEmpty());
    QCOMPARE(NewTask::fromJson(sent(task->toJson()))->kind, u"sleep"_s);
}

void tst_ProtocolJson::searchHitAndDocument()
{
    const SearchHit hit{
        .id = 1, .kind = u"document"_s, .title = u"T"_s, .snippet = u"<mark>x</mark>"_s, .relevance = 0.75
    };
    QCOMPARE(SearchHit::fromJson(sent(hit.toJson()))->toJson(), hit.toJson());
    const Document document{ .id = 1, .title = u"T"_s, .body = u"B"_s, .source = u"/a.md"_s };
    QCOMPARE(Document::fromJson(sent(document.toJson()))->toJson(), document.toJson());
}

void tst_ProtocolJson::statusHasItsWords()
{
    for (const auto status :
         { TaskStatus::Queued, TaskStatus::Running, TaskStatus::Completed, TaskStatus::Failed, TaskStatus::Cancelled })
        QVERIFY(taskStatusFrom(toString(status)) == status);
    QVERIFY(!taskStatusFrom(u"Queued"));
    QVERIFY(!taskStatusFrom(u""));
    QVERIFY(!isFinal(TaskStatus::Running));
    QVERIFY(isFinal(TaskStatus::Cancelled));
}

void tst_ProtocolJson::refusals_data()
{
    QTest::addColumn<QString>("message");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char *name, const QString &message, const QString &expected) {
        QTest::newRow(name) << message << expected;
    };
    row("no kind", failureOf<NewTask>({}), u"\"kind\" is missing: expected a string"_s);
    row("empty kind", failureOf<NewTask>({ { u"kind"_s, u""_s } }), u"\"kind\" must not be empty"_s);
    row("params", failureOf<NewTask>({ { u"kind"_s, u"x"_s }, { u"params"_s, 1 } }), u"\"params\" must be an object"_s);
    row("priority", failureOf<NewTask>({ { u"kind"_s, u"x"_s }, { u"priority"_s, 1e12 } }),
        u"\"priority\" is out of range"_s);
    row("status",
        failureOf<TaskProgress>(
            { { u"task_id"_s, 1 }, { u"progress"_s, 1 }, { u"status"_s, u"done"_s }, { u"message"_s, u""_s } }),
        u"\"status\" must be queued, running, completed, failed or cancelled"_s);
    QJsonObject chat = ChatMessage().toJson();
    chat[u"timestamp"_s] = u"yesterday"_s;
    row("time", failureOf<ChatMessage>(chat), u"\"timestamp\" must be a time as in RFC 3339"_s);
    QJsonObject sample = fullSample().toJson();
    sample.remove(u"cpu_usage"_s);
    row("figure of the contract", failureOf<MetricsSample>(sample),
        u"\"cpu_usage\" is missing: expected a number or null"_s);
    sample = fullSample().toJson();
    sample[u"routes"_s] = QJsonArray{ QJsonObject() };
    row("item of a list", failureOf<MetricsSample>(sample),
        u"\"routes\" has a wrong item: \"route\" is missing: expected a string"_s);
}

void tst_ProtocolJson::refusals()
{
    QFETCH(QString, message);
    QFETCH(QString, expected);
    QCOMPARE(message, expected);
}

QTEST_APPLESS_MAIN(tst_ProtocolJson)
#include "tst_protocol_json.moc"
