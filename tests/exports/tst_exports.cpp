// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/migrations.h"
#include "server/exports/endpoints.h"
#include "server/exports/exportbody.h"
#include "server/http/pipeline.h"
#include "tests/db/testpool.h"
#include "tests/support/testanswerer.h"
#include "tests/support/waiting.h"

#include <QJsonArray>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::exports;
using http::Body;
using http::Status;
using protocol::Principal;
using protocol::Role;

namespace {

const Principal admin{ .userId = 1, .name = u"admin"_s, .role = Role::Admin };
const Principal anna{ .userId = 2, .name = u"anna"_s, .role = Role::Member };

/// A whole server but for its sockets.
class Fixture
{
public:
    explicit Fixture(Options options = {}) : service((db::migrate(database.pool), database.pool), options)
    {
        addExportRoutes(router, service);
        pipeline.emplace(router, std::vector<std::unique_ptr<http::Middleware>>());
    }
    void fill(int documents)
    {
        auto filling = database.pool.write({}, [documents](db::Connection &c) {
            c.execute(u"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                      "INSERT INTO documents (title, body, created_at, updated_at) "
                      "SELECT 'title ' || i, 'body, with words ' || i, i, i FROM n",
                      { documents });
        });
        std::move(filling).future().waitForFinished();
    }
    const http::Response &get(const QByteArray &path, const Principal &caller = admin)
    {
        answers.caller = std::make_shared<Principal>(caller);
        http::Exchange &exchange = answers.handle(*pipeline, http::Request::get(path));
        [&] { QTRY_VERIFY(exchange.isAnswered()); }();
        return answers.last();
    }
    /// All of it; nothing if it fails.
    static std::optional<QByteArray> contentOf(const http::Response &response)
    {
        QByteArray content;
        const std::shared_ptr<Body> body = response.body();
        bool isAwake = true;
        body->setWaker([&isAwake] { isAwake = true; });
        for (;;) {
            switch (body->read(content, 64 * 1024)) {
            case Body::State::More:
                continue;
            case Body::State::Wait:
                if (!std::exchange(isAwake, false) && !QTest::qWaitFor([&isAwake] { return isAwake; }))
                    return {};
                continue;
            case Body::State::End:
                return content;
            case Body::State::Failed:
                return {};
            }
        }
    }

    test::TestAnswerer answers; // first: handlers that are stopped with the service still answer
    db::TestPool database;
    Service service;
    http::Router router;
    std::optional<http::Pipeline> pipeline;
};

} // namespace

class tst_Exports : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sequence_data();
    void sequence();
    void datasets_data();
    void datasets();
    void largeOnesCome();
    void whoSeesWhat();
    void whatThereIsNot_data();
    void whatThereIsNot();
    void aReaderThatStopsHoldsTheStatementBack();
    void aReaderThatLeavesEndsIt();
    void oneConnectionIsLeftForTheRest();
    void aFailureCutsIt();
    void readings_data();
    void readings();
    void readingsComeInTheOrderOfTheTable();
};

void tst_Exports::sequence_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("csv") << "sequence.csv?rows=3"_ba
                         << "row_0,value_0,data_0\r\nrow_1,value_2,data_3\r\nrow_2,value_4,data_6\r\n"_ba;
    QTest::newRow("ndjson") << "sequence.ndjson?rows=1"_ba
                            << R"({"row":"row_0","value":"value_0","data":"data_0"})"
                               "\n"_ba;
    QTest::newRow("nothing") << "sequence.csv?rows=0"_ba << ""_ba;
    QTest::newRow("an empty array") << "sequence.json?rows=0"_ba << "[]\n"_ba;
}

void tst_Exports::sequence()
{
    QFETCH(QByteArray, path);
    Fixture test;
    const http::Response &response = test.get("/api/export/" + path);
    QCOMPARE(response.status(), Status::Ok);
    QTEST(Fixture::contentOf(response).value_or("failed"), "expected");
}

void tst_Exports::datasets_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("sequence") << u"sequence"_s;
    for (const Dataset &dataset : exports::datasets())
        QTest::newRow(dataset.name.data()) << QString(dataset.name);
}

/// Each is one valid array, empty or not, and as many rows in each format.
void tst_Exports::datasets()
{
    QFETCH(QString, name);
    Fixture test;
    for (const bool isFilled : { false, true }) {
        if (isFilled)
            test.fill(1000);
        const QByteArray path = "/api/export/" + name.toLatin1();
        const auto json = Fixture::contentOf(test.get(path + ".json"));
        QJsonParseError error;
        const QJsonArray rows = QJsonDocument::fromJson(json.value_or(""), &error).array();
        QCOMPARE(error.errorString(), QJsonParseError().errorString());
        QCOMPARE(Fixture::contentOf(test.get(path + ".ndjson"))->count('\n'), rows.size());
        const auto csv = Fixture::contentOf(test.get(path + ".csv"));
        QCOMPARE(csv->count("\r\n"), name == u"sequence" ? rows.size() : rows.size() + 1);
        if (name == u"documents" && isFilled) {
            QCOMPARE(rows.size(), 1000);
            QCOMPARE(rows.last()["body"_L1].toString(), u"body, with words 1000"_s);
            QVERIFY(csv->contains("\r\n1000,title 1000,\"body, with words 1000\",,1970-01-01T00:00:01.000Z,"));
        }
    }
}

void tst_Exports::largeOnesCome()
{
    Fixture test;
    test.fill(50'000);
    const auto content = Fixture::contentOf(test.get("/api/export/documents.csv"));
    QCOMPARE(content.value_or("failed").count("\r\n"), 50'001);
    const auto numbers = Fixture::contentOf(test.get("/api/export/sequence.json?rows=100000"));
    QCOMPARE(QJsonDocument::fromJson(numbers.value_or("failed")).array().size(), 100'000);
}

void tst_Exports::whoSeesWhat()
{
    Fixture test;
    auto filling = test.database.pool.write({}, [](db::Connection &c) {
        for (const auto &[id, name] : { std::pair(1, u"admin"_s), std::pair(2, u"anna"_s), std::pair(0, u"anna"_s) })
            c.execute(u"INSERT INTO tasks (kind, params, priority, status, created_at, created_by, created_by_name) "
                      "VALUES ('sleep', '{}', 0, 'queued', 1, ?, ?)",
                      { id, name });
    });
    std::move(filling).future().waitForFinished();
    QCOMPARE(Fixture::contentOf(test.get("/api/export/tasks.ndjson", admin))->count('\n'), 3);
    QCOMPARE(Fixture::contentOf(test.get("/api/export/tasks.ndjson", anna))->count('\n'), 1);
    QCOMPARE(test.get("/api/export/users.csv", admin).status(), Status::Ok);
    QCOMPARE(test.get("/api/export/users.csv", anna).status(), Status::Forbidden);
}

void tst_Exports::whatThereIsNot_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<int>("status");
    for (const char *const path :
         { "nothing.csv", "messages", "messages.xml", "messages.csv.", ".csv", "users%2Fx.csv" })
        QTest::newRow(path) << QByteArray(path) << 404;
    QTest::newRow("series") << "readings.csv?series=nothing"_ba << 404;
    for (const char *const path :
         { "sequence.csv?rows=-1", "sequence.csv?rows=x", "sequence.csv?rows=9999999999", "readings.csv?step=7",
           "readings.csv?step=x", "readings.csv?from=yesterday", "documents.csv?from=2026-11-22T17:00:00Z",
           "sequence.csv?step=60", "readings.csv?from=2026-11-22T17:00:00Z&to=2026-11-22T17:00:00Z" })
        QTest::newRow(path) << QByteArray(path) << 400;
}

void tst_Exports::whatThereIsNot()
{
    QFETCH(QByteArray, path);
    Fixture test;
    QTEST(int(test.get("/api/export/" + path).status()), "status");
}

void tst_Exports::aReaderThatStopsHoldsTheStatementBack()
{
    Fixture test;
    test.fill(50'000); // some 3 MB
    const http::Response &response = test.get("/api/export/documents.csv");
    QCOMPARE(test.database.pool.figures().busy, 1); // with its few blocks full
    QCOMPARE(test.service.running().size(), size_t(1));
    const auto content = Fixture::contentOf(response);
    QCOMPARE(content.value_or("failed").count("\r\n"), 50'001);
    QTRY_COMPARE(test.database.pool.figures().busy, 0);
    QTRY_COMPARE(test.service.places().figures().running, 0);
}

void tst_Exports::aReaderThatLeavesEndsIt()
{
    Fixture test;
    test.fill(50'000);
    QCOMPARE(test.get("/api/export/documents.csv").status(), Status::Ok);
    QCOMPARE(test.database.pool.figures().busy, 1);
    test.answers.dropLast(); // its body dies
    QTRY_COMPARE(test.database.pool.figures().busy, 0);
    QTRY_COMPARE(test.service.places().figures().running, 0);
}

void tst_Exports::oneConnectionIsLeftForTheRest()
{
    Fixture test({ .concurrency = 1000, .queue = 0 });
    test.fill(50'000);
    const int readers = test.database.pool.readers();
    QVERIFY(readers >= 2);
    std::vector<http::Response> open;
    for (int i = 0; i < readers - 1; ++i)
        open.push_back(test.get("/api/export/documents.csv"));
    QCOMPARE(test.database.pool.figures().busy, readers - 1);
    const http::Response &refused = test.get("/api/export/documents.csv");
    QCOMPARE(refused.status(), Status::ServiceUnavailable);
    QCOMPARE(test.answers.lastJson()["decider"_L1]["name"_L1].toString(), u"exports"_s);
    auto reading = test.database.pool.read(
        {}, [](db::Connection &c) { return db::number(c, u"SELECT count(*) FROM documents"); });
    QCOMPARE(std::move(reading).future().result(), 50'000);
}

/// After the first block: there is no other way to say it.
void tst_Exports::aFailureCutsIt()
{
    const auto feed = std::make_shared<RowFeed>();
    const auto body = std::make_shared<ExportBody>(feed);
    feed->push("row\n");
    feed->fail(std::make_exception_ptr(Error::internal(u"the disk is gone"_s)));
    QByteArray out;
    QCOMPARE(body->read(out, 1000), Body::State::More);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"the disk is gone"_s));
    QCOMPARE(body->read(out, 1000), Body::State::Failed);
    QCOMPARE(out, "row\n"_ba);
}

void tst_Exports::readings_data()
{
    QTest::addColumn<QByteArray>("query");
    QTest::addColumn<QByteArrayList>("rows"); // without what they all have
    const auto row = [](const QByteArray &query, const QByteArrayList &rows) {
        QTest::newRow(query.isEmpty() ? "all" : query.constData()) << query << rows;
    };
    const QByteArray first = "1970-01-01T00:01:00.000Z,humidity,1,2,3,4,%RH,ingest,60",
                     second = "1970-01-01T00:01:00.000Z,temperature,-1.5,0.25,3,2,degC,iio,60",
                     third = "1970-01-01T00:02:00.000Z,temperature,-1.5,0.25,3,2,degC,iio,60";
    row({}, { first, second, third });
    row("step=60", { first, second, third });
    row("step=10", { "1970-01-01T00:01:10.000Z,temperature,-1.5,0.25,3,2,degC,iio,10" });
    row("step=1", {});
    row("series=temperature", { second, third });
    row("series=humidity", { first });
    row("from=1970-01-01T00:01:00Z&to=1970-01-01T00:02:00Z", { first, second });
    row("to=1970-01-01T00:02:00.001Z", { first, second, third });
    row("from=1970-01-01T00:01:00.001Z", { third });
    row("from=2026-11-22T17:00:00Z", {});
}

void tst_Exports::readings()
{
    QFETCH(QByteArray, query);
    QFETCH(QByteArrayList, rows);
    Fixture test;
    auto filling = test.database.pool.write({}, [](db::Connection &c) {
        c.execute(u"INSERT INTO sensor_series (id, name, unit, source) VALUES (1, 'humidity', '%RH', 'ingest'), "
                  "(2, 'temperature', 'degC', 'iio')");
        c.execute(u"INSERT INTO sensor_rollups (step, slot, series_id, readings, least, most, total) VALUES "
                  "(60, 1, 1, 4, 1, 3, 8), (60, 1, 2, 2, -1.5, 3, 0.5), (60, 2, 2, 2, -1.5, 3, 0.5), "
                  "(10, 7, 2, 2, -1.5, 3, 0.5)");
        return true;
    });
    QVERIFY(std::move(filling).future().result());
    const auto csv = Fixture::contentOf(test.get("/api/export/readings.csv?" + query));
    rows.prepend("timestamp,series,min,avg,max,count,unit,source,step");
    QCOMPARE(csv.value_or("failed"), rows.join("\r\n") + "\r\n");
}

/// A sort of all of them would need room for all of them.
void tst_Exports::readingsComeInTheOrderOfTheTable()
{
    Fixture test;
    auto planning = test.database.pool.read({}, [](db::Connection &c) {
        const Dataset &dataset = *findDataset(u"readings");
        QSqlQuery &rows = c.execute(QString(u"EXPLAIN QUERY PLAN "_s + dataset.sql), dataset.bind({}));
        QStringList plan;
        while (rows.next())
            plan.append(rows.value(3).toString());
        return plan.join(u'\n');
    });
    const QString plan = std::move(planning).future().result();
    QVERIFY2(plan.startsWith(u"SEARCH r USING"_s), qPrintable(plan));
    QVERIFY2(!plan.contains(u"TEMP B-TREE"_s), qPrintable(plan));
}

QTEST_GUILESS_MAIN(tst_Exports)
#include "tst_exports.moc"
