// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tasks/testtasks.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::tasks;
using protocol::Principal;
using protocol::Role;

namespace {

const Principal anna{ .userId = 1, .name = u"anna"_s, .role = Role::Member };

class Fixture : public TestKinds
{
public:
    using TestKinds::TestKinds;

    void execute(QStringView sql, const QVariantList &values = {})
    {
        tasks.pool
            ->write({},
                    [sql, values](db::Connection &c) {
                        c.execute(sql, values);
                        return true;
                    })
            .future()
            .result();
    }
    void addDocuments(int count)
    {
        execute(u"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                "INSERT INTO documents (title, body, created_at, updated_at) SELECT 'title ' || i, 'body', i, i FROM n",
                { count });
    }
    /// Of one series, a minute each; from the beginning of 1970 on.
    void addReadings(int count)
    {
        execute(u"INSERT INTO sensor_series (id, name, unit, source) VALUES (1, 'temperature', 'degC', 'ingest')");
        execute(u"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                "INSERT INTO sensor_rollups (step, slot, series_id, readings, least, most, total) "
                "SELECT 60, i, 1, 2, 1, 3, 4 FROM n",
                { count });
    }
    void addUser(qint64 id, const QString &name, const QString &role)
    {
        execute(u"INSERT INTO users (id, name, name_key, role, password_hash, created_at, updated_at) "
                "VALUES (?, ?, ?, ?, '', 1, 1)",
                { id, name, name, role });
    }
    qint64 submitAs(const Principal &caller, const QJsonObject &params)
    {
        return tasks.service->submit({}, { .kind = u"export"_s, .params = params }, caller).result().id;
    }
    QByteArray contentOf(const QString &name) const
    {
        QFile file(files.filePath(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : "there is no such file"_ba;
    }
    /// All that lies in the folder.
    QStringList names() const
    {
        return QDir(files.path()).entryList(QDir::Files)
            + QDir(files.filePath(u".uploads"_s)).entryList(QDir::Files | QDir::Hidden);
    }
    QList<godwit::files::File> list() { return shared.list({}, 0, 100).future().result(); }
};

} // namespace

class tst_Export : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void formats_data();
    void formats();
    void readingsAreFiltered();
    void itsOwnNameIsOfDatasetAndTime();
    void aNameThatIsTaken();
    void onlyWhatItsMakerMaySee();
    void cancelledLeavesNothing();
    void thereIsNoRoom();
    void aSecondRunFindsWhatTheFirstHasMade();
    void paramsAreChecked_data();
    void paramsAreChecked();
};

void tst_Export::formats_data()
{
    QTest::addColumn<QString>("format");
    for (const QString &format : { u"csv"_s, u"json"_s, u"ndjson"_s })
        QTest::newRow(qPrintable(format)) << format;
}

void tst_Export::formats()
{
    QFETCH(QString, format);
    Fixture test;
    test.addDocuments(2'000);
    const QString name = u"documents."_s + format;
    const auto id
        = test.submit(u"export"_s, { { u"dataset"_s, u"documents"_s }, { u"format"_s, format }, { u"name"_s, name } });
    QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    const QByteArray content = test.contentOf(name);
    const auto task = test.tasks.get(id);
    QCOMPARE(task.result, (QJsonObject{ { u"name"_s, name }, { u"rows"_s, 2'000 }, { u"bytes"_s, content.size() } }));
    QCOMPARE(task.message, u"2000 rows in "_s + name);
    if (format == u"csv")
        QCOMPARE(content.count("\r\n"), 2'001);
    else if (format == u"ndjson")
        QCOMPARE(content.count('\n'), 2'000);
    else
        QCOMPARE(QJsonDocument::fromJson(content).array().size(), 2'000);
    QCOMPARE(test.list().size(), 1);
    QCOMPARE(test.list()[0].name, name);
    QVERIFY(!test.list()[0].sha256.isEmpty());
}

void tst_Export::readingsAreFiltered()
{
    Fixture test;
    test.addReadings(100);
    const QJsonObject params{ { u"dataset"_s, u"readings"_s },        { u"name"_s, u"r.csv"_s },
                              { u"series"_s, u"temperature"_s },      { u"from"_s, u"1970-01-01T00:10:00Z"_s },
                              { u"to"_s, u"1970-01-01T00:12:00Z"_s }, { u"step"_s, 60 } };
    const auto id = test.submit(u"export"_s, params);
    QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    QCOMPARE(test.contentOf(u"r.csv"_s),
             "timestamp,series,min,avg,max,count,unit,source,step\r\n"
             "1970-01-01T00:10:00.000Z,temperature,1,2,3,2,degC,ingest,60\r\n"
             "1970-01-01T00:11:00.000Z,temperature,1,2,3,2,degC,ingest,60\r\n"_ba);
    const auto unknown = test.submit(u"export"_s, { { u"dataset"_s, u"readings"_s }, { u"series"_s, u"pressure"_s } });
    QTRY_COMPARE(test.tasks.status(unknown), Status::Failed);
    QCOMPARE(test.tasks.get(unknown).message, u"there is no series \"pressure\""_s);
    QCOMPARE(test.names(), QStringList{ u"r.csv"_s });
}

void tst_Export::itsOwnNameIsOfDatasetAndTime()
{
    Fixture test;
    const QJsonObject params{ { u"dataset"_s, u"tasks"_s }, { u"format"_s, u"ndjson"_s } };
    QSet<QString> names;
    for (int i = 0; i < 2; ++i) {
        const auto id = test.submit(u"export"_s, params);
        QTRY_COMPARE(test.tasks.status(id), Status::Completed);
        const QString name = test.tasks.get(id).result.value("name"_L1).toString();
        QVERIFY2(QRegularExpression(uR"(^tasks-\d{8}-\d{6}( \(2\))?\.ndjson$)"_s).match(name).hasMatch(),
                 qPrintable(name));
        names.insert(name);
    }
    QCOMPARE(names.size(), 2);
}

void tst_Export::aNameThatIsTaken()
{
    Fixture test;
    QFile file(test.files.filePath(u"taken.csv"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("precious");
    file.close();
    test.shared.start(); // notices it
    const auto id = test.submit(u"export"_s, { { u"dataset"_s, u"tasks"_s }, { u"name"_s, u"taken.csv"_s } });
    QTRY_COMPARE(test.tasks.status(id), Status::Failed);
    QCOMPARE(test.tasks.get(id).message, u"there is a file \"taken.csv\" already"_s);
    QCOMPARE(test.contentOf(u"taken.csv"_s), "precious"_ba);
    QCOMPARE(test.names(), QStringList{ u"taken.csv"_s });
}

/// As he may at the time of the run.
void tst_Export::onlyWhatItsMakerMaySee()
{
    Fixture test;
    test.addUser(1, u"anna"_s, u"member"_s);
    test.addUser(2, u"olga"_s, u"operator"_s);
    const Principal olga{ .userId = 2, .name = u"olga"_s, .role = Role::Operator };
    const auto refused = [&test](const Principal &caller, const QString &dataset) {
        return errorFrom([&] { test.submitAs(caller, { { u"dataset"_s, dataset } }); });
    };
    QCOMPARE(refused(anna, u"users"_s), Error::Code::PermissionDenied);
    const Principal viewer{ .userId = 3, .name = u"eve"_s, .role = Role::Viewer };
    QCOMPARE(refused(viewer, u"documents"_s), Error::Code::PermissionDenied);

    const QJsonObject allTasks{ { u"dataset"_s, u"tasks"_s }, { u"format"_s, u"ndjson"_s } };
    const auto exported = [&](qint64 id) {
        [&] { QTRY_COMPARE(test.tasks.status(id), Status::Completed); }();
        return test.tasks.get(id).result.value("rows"_L1).toInt();
    };
    QCOMPARE(exported(test.submitAs(olga, allTasks)), 1);
    QCOMPARE(exported(test.submitAs(anna, allTasks)), 1); // her own
    QCOMPARE(exported(test.submitAs(olga, allTasks)), 3);
    QCOMPARE(test.list()[0].owner.name, u"olga"_s);
    test.execute(u"UPDATE users SET role = 'member' WHERE id = 2");
    QCOMPARE(exported(test.submitAs(olga, allTasks)), 3); // the third of which is this one, and none is anna's
    test.execute(u"DELETE FROM users WHERE id = 2");
    const auto orphan = test.submitAs(olga, allTasks);
    QTRY_COMPARE(test.tasks.status(orphan), Status::Failed);
    QVERIFY(test.tasks.get(orphan).message.contains(u"no user any more"_s));
}

void tst_Export::cancelledLeavesNothing()
{
    Fixture test;
    test.addReadings(400'000);
    const auto id = test.submit(u"export"_s, { { u"dataset"_s, u"readings"_s }, { u"format"_s, u"json"_s } });
    QTRY_VERIFY(test.tasks.get(id).progress > 0);
    QVERIFY(test.names().join(u',').startsWith(u"deposit-task-"_s));
    test.tasks.service->cancel({}, id).waitForFinished();
    QTRY_COMPARE(test.tasks.status(id), Status::Cancelled);
    QCOMPARE(test.names(), QStringList());
    QCOMPARE(test.list().size(), 0);
    QTRY_COMPARE(test.tasks.pool->figures().busy, 0); // the statement has ended
    QCOMPARE(test.exports.places().figures().running, 0);
}

void tst_Export::thereIsNoRoom()
{
    Fixture test({}, { .quota = 10'000 });
    test.addDocuments(1'000);
    const auto id = test.submit(u"export"_s, { { u"dataset"_s, u"documents"_s } });
    QTRY_COMPARE(test.tasks.status(id), Status::Failed);
    QCOMPARE(test.tasks.get(id).message, u"the quota of all files leaves no room for it"_s);
    QCOMPARE(test.names(), QStringList());
    QCOMPARE(test.exports.places().figures().running, 0);
}

/// As after a kill between the file's appearance and the task's end.
void tst_Export::aSecondRunFindsWhatTheFirstHasMade()
{
    Fixture test;
    test.addDocuments(10);
    const auto id = test.submit(u"export"_s, { { u"dataset"_s, u"documents"_s }, { u"name"_s, u"d.csv"_s } });
    QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    const QJsonObject first = test.tasks.get(id).result;
    test.execute(u"UPDATE tasks SET status = 'failed' WHERE id = ?", { id });
    test.tasks.service->retry({}, id).waitForFinished();
    QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    QCOMPARE(test.tasks.get(id).attempts, 2);
    QCOMPARE(test.tasks.get(id).result, first);
    QCOMPARE(test.names(), QStringList{ u"d.csv"_s });
}

void tst_Export::paramsAreChecked_data()
{
    QTest::addColumn<QJsonObject>("params");
    QTest::newRow("no dataset") << QJsonObject();
    QTest::newRow("unknown dataset") << QJsonObject{ { u"dataset"_s, u"secrets"_s } };
    QTest::newRow("unknown format") << QJsonObject{ { u"dataset"_s, u"tasks"_s }, { u"format"_s, u"xml"_s } };
    QTest::newRow("name with a path") << QJsonObject{ { u"dataset"_s, u"tasks"_s }, { u"name"_s, u"../a"_s } };
    QTest::newRow("series of no readings") << QJsonObject{ { u"dataset"_s, u"tasks"_s }, { u"series"_s, u"a"_s } };
    QTest::newRow("step that is not kept") << QJsonObject{ { u"dataset"_s, u"readings"_s }, { u"step"_s, 7 } };
    QTest::newRow("no time") << QJsonObject{ { u"dataset"_s, u"readings"_s }, { u"from"_s, u"today"_s } };
    QTest::newRow("misspelt") << QJsonObject{ { u"dataset"_s, u"tasks"_s }, { u"format2"_s, u"csv"_s } };
}

void tst_Export::paramsAreChecked()
{
    QFETCH(QJsonObject, params);
    Fixture test;
    QCOMPARE(errorFrom([&] { test.submit(u"export"_s, params); }), Error::Code::FailedValidation);
}

QTEST_GUILESS_MAIN(tst_Export)
#include "tst_export.moc"
