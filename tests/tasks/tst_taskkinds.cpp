// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tasks/testtasks.h"

#include <QCoroTask>
#include <QCryptographicHash>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::tasks;

class tst_TaskKinds : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sleepSleeps();
    void sleepIsCancelled();
    void importIndexesAFolder();
    void checksumIsThatOfTheFile();
    void checksumTakesTheNameOfASharedFile();
    void reindexCountsItsRows();
    void backupsAreKeptByCount();
    void backupGoesToAPath();
    void aBackupThatCouldNotSaySoIsNotMadeAgain_data();
    void aBackupThatCouldNotSaySoIsNotMadeAgain();
    void whatIsNotKnownIsNamed();
    void paramsAreChecked_data();
    void paramsAreChecked();
};

void tst_TaskKinds::sleepSleeps()
{
    TestKinds test;
    const auto id = test.submit(u"sleep"_s, { { u"seconds"_s, 0.05 }, { u"steps"_s, 5 } });
    QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    const auto task = test.tasks.get(id);
    QCOMPARE(task.message, u"step 5 of 5"_s);
    QVERIFY(*task.finishedAt - *task.startedAt >= 49ms);
}

void tst_TaskKinds::sleepIsCancelled()
{
    TestKinds test;
    const auto id = test.submit(u"sleep"_s, { { u"seconds"_s, 3600 }, { u"steps"_s, 1 } });
    QTRY_COMPARE(test.tasks.status(id), Status::Running);
    test.tasks.service->cancel({}, id).waitForFinished();
    QTRY_COMPARE(test.tasks.status(id), Status::Cancelled);
}

void tst_TaskKinds::importIndexesAFolder()
{
    TestKinds test;
    const QTemporaryDir files;
    QFile file(files.filePath(u"a.txt"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("godwit");
    file.close();
    const auto id = test.submit(u"import"_s, { { u"paths"_s, QJsonArray{ files.path() } } });
    QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    const auto task = test.tasks.get(id);
    QCOMPARE(task.result.value("documents"_L1).toInt(), 1);
    QCOMPARE(task.result.value("files"_L1).toInt(), 1);
    QCOMPARE(task.message, u"1 documents from 1 files"_s);
    QCOMPARE(QCoro::waitFor(test.search.search({}, { .text = u"godwit"_s })).found->count, 1);
}

void tst_TaskKinds::checksumIsThatOfTheFile()
{
    TestKinds test;
    QTemporaryFile file;
    QVERIFY(file.open());
    const QByteArray content(3'000'000, 'g');
    file.write(content);
    file.close();
    const auto id = test.submit(u"checksum"_s, { { u"path"_s, file.fileName() } });
    QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    const QByteArray expected = QCryptographicHash::hash(content, QCryptographicHash::Sha256).toHex();
    QCOMPARE(test.tasks.get(id).result,
             (QJsonObject{ { u"sha256"_s, QString::fromLatin1(expected) }, { u"bytes"_s, 3'000'000 } }));
}

void tst_TaskKinds::checksumTakesTheNameOfASharedFile()
{
    TestKinds test;
    const auto put = [](const QString &path) {
        QFile file(path);
        return file.open(QIODevice::WriteOnly) && file.write("godwit") == 6;
    };
    QVERIFY(put(test.files.filePath(u"a.txt"_s)));
    QVERIFY(put(test.files.filePath(u".secret"_s)));
    QVERIFY(put(test.tasks.dir.filePath(u"outside"_s)));
    QVERIFY(QFile::link(test.tasks.dir.filePath(u"outside"_s), test.files.filePath(u"link"_s)));
    const auto id = test.submit(u"checksum"_s, { { u"path"_s, u"a.txt"_s } });
    QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    QCOMPARE(test.tasks.get(id).result.value("bytes"_L1).toInt(), 6);
    for (const QString &name : { u"b.txt"_s, u".secret"_s, u"../outside"_s, u"link"_s, u""_s, u"."_s })
        QCOMPARE(errorFrom([&] { test.submit(u"checksum"_s, { { u"path"_s, name } }); }),
                 Error::Code::FailedValidation);
}

void tst_TaskKinds::reindexCountsItsRows()
{
    TestKinds test;
    test.search.createDocument({}, { .title = u"a"_s, .body = u"godwit"_s }).waitForFinished();
    const auto id = test.submit(u"reindex"_s, {});
    QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    const QJsonObject rows = test.tasks.get(id).result.value("rows"_L1).toObject();
    QCOMPARE(rows.value("documents_fts"_L1).toInt(), 1);
    QCOMPARE(rows.value("tasks_fts"_L1).toInt(), 1); // this one
}

void tst_TaskKinds::backupsAreKeptByCount()
{
    TestKinds test;
    QStringList paths;
    for (int i = 0; i < 3; ++i) {
        const auto id = test.submit(u"backup"_s, { { u"keep"_s, 2 } });
        QTRY_COMPARE(test.tasks.status(id), Status::Completed);
        paths.append(test.tasks.get(id).result.value("path"_L1).toString());
    }
    QVERIFY(!QFile::exists(paths[0]));
    QVERIFY(QFile::exists(paths[1]) && QFile::exists(paths[2]));
    QCOMPARE(QFileInfo(paths[2]).path(), test.tasks.dir.filePath(u"backups"_s));
    db::Pool copy({ .file = paths[2] });
    const auto kinds = copy.read({},
                                 [](db::Connection &c) {
                                     QSqlQuery &rows = c.execute(u"SELECT count(*) FROM tasks WHERE kind = 'backup'");
                                     return rows.next() ? rows.value(0).toInt() : 0;
                                 })
                           .future()
                           .result();
    QCOMPARE(kinds, 3);
}

void tst_TaskKinds::backupGoesToAPath()
{
    TestKinds test;
    const QTemporaryDir elsewhere;
    const QString path = elsewhere.filePath(u"copy.db"_s);
    const auto id = test.submit(u"backup"_s, { { u"path"_s, path } });
    QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    QCOMPARE(test.tasks.get(id).result.value("path"_L1).toString(), path);
    QVERIFY(QFile::exists(path));
    const auto refused = [&test](const QString &where) {
        return errorFrom([&] { test.submit(u"backup"_s, { { u"path"_s, where } }); });
    };
    QCOMPARE(refused(path), Error::Code::FailedValidation); // it exists
    QCOMPARE(refused(test.tasks.dir.filePath(u"copy.db"_s)), Error::Code::FailedValidation); // among the server's own
    QCOMPARE(refused(test.files.filePath(u"copy.db"_s)), Error::Code::FailedValidation); // where everybody reads it
}

void tst_TaskKinds::aBackupThatCouldNotSaySoIsNotMadeAgain_data()
{
    QTest::addColumn<bool>("hasPath");
    QTest::newRow("to a path") << true;
    QTest::newRow("to the data folder") << false;
}

/// As after a kill between the copy's appearance and the task's end.
void tst_TaskKinds::aBackupThatCouldNotSaySoIsNotMadeAgain()
{
    QFETCH(bool, hasPath);
    TestKinds test;
    const QTemporaryDir elsewhere;
    const QString path = elsewhere.filePath(u"copy.db"_s);
    const auto id = test.submit(u"backup"_s, hasPath ? QJsonObject{ { u"path"_s, path } } : QJsonObject());
    QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    const QJsonObject first = test.tasks.get(id).result;
    const auto again = [&test, id] {
        test.tasks.pool
            ->write({},
                    [id](db::Connection &c) { c.execute(u"UPDATE tasks SET status = 'failed' WHERE id = ?", { id }); })
            .future()
            .waitForFinished();
        test.tasks.service->retry({}, id).waitForFinished();
    };
    again();
    QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    QCOMPARE(test.tasks.get(id).attempts, 2);
    QCOMPARE(test.tasks.get(id).result, first);

    // Somebody else's is left alone.
    QFile other(first.value("path"_L1).toString());
    QVERIFY(other.open(QIODevice::WriteOnly | QIODevice::Truncate));
    other.write("precious");
    other.close();
    again();
    if (hasPath)
        QTRY_COMPARE(test.tasks.status(id), Status::Failed);
    else
        QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    QVERIFY(other.open(QIODevice::ReadOnly));
    QCOMPARE(other.readAll(), "precious"_ba);
}

void tst_TaskKinds::whatIsNotKnownIsNamed()
{
    TestKinds test;
    const auto messageOf = [&test](const QString &kind, const QJsonObject &params) {
        try {
            test.submit(kind, params);
            return u"accepted"_s;
        } catch (const Error &error) {
            return error.message();
        }
    };
    QCOMPARE(messageOf(u"sleep"_s, { { u"seconds2"_s, 1 } }),
             u"\"params\" has \"seconds2\", which the kind sleep does not know; it takes seconds, steps"_s);
    const QString unknown = messageOf(u"slep"_s, {});
    QVERIFY2(unknown.startsWith(u"\"kind\" must be one of backup, checksum, "_s), qPrintable(unknown));
    QVERIFY2(unknown.endsWith(u"sleep, not \"slep\""_s), qPrintable(unknown));
}

void tst_TaskKinds::paramsAreChecked_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QJsonObject>("params");
    QTest::newRow("no paths") << u"import"_s << QJsonObject();
    QTest::newRow("empty paths") << u"import"_s << QJsonObject{ { u"paths"_s, QJsonArray() } };
    QTest::newRow("relative path") << u"import"_s << QJsonObject{ { u"paths"_s, QJsonArray{ u"docs"_s } } };
    QTest::newRow("no such path") << u"import"_s << QJsonObject{ { u"paths"_s, QJsonArray{ u"/no/such"_s } } };
    QTest::newRow("path is a number") << u"import"_s << QJsonObject{ { u"paths"_s, QJsonArray{ 1 } } };
    QTest::newRow("checksum of nothing") << u"checksum"_s << QJsonObject();
    QTest::newRow("checksum of no file") << u"checksum"_s << QJsonObject{ { u"path"_s, u"/no/such"_s } };
    QTest::newRow("checksum of a folder") << u"checksum"_s << QJsonObject{ { u"path"_s, u"/tmp"_s } };
    QTest::newRow("checksum by a relative path") << u"checksum"_s << QJsonObject{ { u"path"_s, u"a.txt"_s } };
    QTest::newRow("backup to nowhere") << u"backup"_s << QJsonObject{ { u"path"_s, u"/no/such/copy.db"_s } };
    QTest::newRow("backup by a relative path") << u"backup"_s << QJsonObject{ { u"path"_s, u"copy.db"_s } };
    QTest::newRow("no backup kept") << u"backup"_s << QJsonObject{ { u"keep"_s, 0 } };
    QTest::newRow("too long") << u"sleep"_s << QJsonObject{ { u"seconds"_s, 3601 } };
    QTest::newRow("negative") << u"sleep"_s << QJsonObject{ { u"seconds"_s, -1 } };
    QTest::newRow("misspelt") << u"sleep"_s << QJsonObject{ { u"seconds2"_s, 1 } };
    QTest::newRow("what takes none") << u"reindex"_s << QJsonObject{ { u"all"_s, true } };
    QTest::newRow("no steps") << u"sleep"_s << QJsonObject{ { u"steps"_s, 0 } };
}

void tst_TaskKinds::paramsAreChecked()
{
    QFETCH(QString, kind);
    QFETCH(QJsonObject, params);
    TestKinds test;
    QCOMPARE(errorFrom([&] { test.submit(kind, params); }), Error::Code::FailedValidation);
}

QTEST_GUILESS_MAIN(tst_TaskKinds)
#include "tst_taskkinds.moc"
