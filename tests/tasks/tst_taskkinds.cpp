// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tasks/testtasks.h"

#include <QCoroTask>
#include <QFile>
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

void tst_TaskKinds::paramsAreChecked_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QJsonObject>("params");
    QTest::newRow("no paths") << u"import"_s << QJsonObject();
    QTest::newRow("empty paths") << u"import"_s << QJsonObject{ { u"paths"_s, QJsonArray() } };
    QTest::newRow("relative path") << u"import"_s << QJsonObject{ { u"paths"_s, QJsonArray{ u"docs"_s } } };
    QTest::newRow("no such path") << u"import"_s << QJsonObject{ { u"paths"_s, QJsonArray{ u"/no/such"_s } } };
    QTest::newRow("path is a number") << u"import"_s << QJsonObject{ { u"paths"_s, QJsonArray{ 1 } } };
    QTest::newRow("too long") << u"sleep"_s << QJsonObject{ { u"seconds"_s, 3601 } };
    QTest::newRow("negative") << u"sleep"_s << QJsonObject{ { u"seconds"_s, -1 } };
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
