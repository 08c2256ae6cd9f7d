// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/models/taskmodel.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;

using godwit::models::durationText;
using godwit::models::TaskModel;
using godwit::protocol::Task;
using godwit::protocol::TaskProgress;
using godwit::protocol::TaskStatus;

namespace {

Task task(qint64 id, TaskStatus status = TaskStatus::Running, double progress = 0)
{
    Task result;
    result.id = id;
    result.kind = u"sleep"_s;
    result.status = status;
    result.progress = progress;
    return result;
}

TaskProgress step(qint64 id, double progress, TaskStatus status = TaskStatus::Running)
{
    return { .taskId = id, .progress = progress, .status = status, .message = u"at %1"_s.arg(progress) };
}

QList<qint64> ids(const TaskModel &model)
{
    QList<qint64> result;
    for (int row = 0; row < model.rowCount(); ++row)
        result.append(model.index(row, 0).data(TaskModel::TaskIdRole).toLongLong());
    return result;
}

} // namespace

class tst_TaskModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsTheNewestFirst();
    void leavesAloneWhatDidNotChange();
    void gathersProgress();
    void showsTheEndAtOnce();
    void progressNeverWakesAnEndedTask();
    void anAnswerBeatsOlderProgress();
    void saysWhenStatusesChange();
    void sortsByValueNotByText();
    void roundsDurations_data();
    void roundsDurations();
};

void tst_TaskModel::showsTheNewestFirst()
{
    TaskModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setTasks({ task(2), task(9), task(4) });
    QCOMPARE(ids(model), (QList<qint64>{ 9, 4, 2 }));
    model.upsert(task(5));
    QCOMPARE(ids(model), (QList<qint64>{ 9, 5, 4, 2 }));
    model.setTasks({ task(4), task(10), task(5) });
    QCOMPARE(ids(model), (QList<qint64>{ 10, 5, 4 }));
    model.remove(5);
    model.remove(77);
    QCOMPARE(ids(model), (QList<qint64>{ 10, 4 }));
}

void tst_TaskModel::leavesAloneWhatDidNotChange()
{
    TaskModel model;
    model.setTasks({ task(1), task(2) });
    QSignalSpy changed(&model, &TaskModel::dataChanged);
    QSignalSpy reset(&model, &TaskModel::modelReset);
    model.setTasks({ task(1), task(2, TaskStatus::Running, 30) });
    QCOMPARE(changed.count(), 1);
    QCOMPARE(changed.first().first().toModelIndex().row(), 0);
    QCOMPARE(reset.count(), 0);
}

void tst_TaskModel::gathersProgress()
{
    TaskModel model;
    model.setTasks({ task(1), task(2) });
    QSignalSpy changed(&model, &TaskModel::dataChanged);
    for (int percent = 1; percent <= 60; ++percent) {
        model.apply(step(1, double(percent)));
        model.apply(step(2, double(percent)));
    }
    QCOMPARE(changed.count(), 0);
    QTRY_COMPARE(changed.count(), 2); // one a task
    QCOMPARE(model.task(1)->progress, 60.0);
    QCOMPARE(model.task(2)->progress, 60.0);
}

void tst_TaskModel::showsTheEndAtOnce()
{
    TaskModel model;
    model.setTasks({ task(1) });
    model.apply(step(1, 40));
    model.apply(step(1, 100, TaskStatus::Completed));
    QVERIFY(model.task(1)->status == TaskStatus::Completed);
    QCOMPARE(model.task(1)->message, u"at 100"_s);
}

void tst_TaskModel::progressNeverWakesAnEndedTask()
{
    TaskModel model;
    model.setTasks({ task(1, TaskStatus::Cancelled, 40) });
    model.apply(step(1, 50));
    model.apply(step(8, 50, TaskStatus::Completed)); // flushes; not in the list
    QVERIFY(model.task(1)->status == TaskStatus::Cancelled);
    QCOMPARE(model.task(1)->progress, 40.0);
    QCOMPARE(model.rowCount(), 1);
}

void tst_TaskModel::anAnswerBeatsOlderProgress()
{
    TaskModel model;
    model.setTasks({ task(1) });
    model.apply(step(1, 40));
    model.setTasks({ task(1, TaskStatus::Running, 70) });
    model.apply(step(8, 0, TaskStatus::Completed)); // flushes
    QCOMPARE(model.task(1)->progress, 70.0);
}

void tst_TaskModel::saysWhenStatusesChange()
{
    TaskModel model;
    QSignalSpy changed(&model, &TaskModel::statusesChanged);
    model.setTasks({ task(1, TaskStatus::Queued) });
    QCOMPARE(changed.count(), 1);
    model.upsert(task(1, TaskStatus::Running, 5));
    QCOMPARE(changed.count(), 2);
    model.upsert(task(1, TaskStatus::Running, 9));
    QCOMPARE(changed.count(), 2);
    model.apply(step(1, 100, TaskStatus::Failed));
    QCOMPARE(changed.count(), 3);
    QCOMPARE(model.count(TaskStatus::Failed), 1);
    QCOMPARE(model.count(TaskStatus::Running), 0);
}

void tst_TaskModel::sortsByValueNotByText()
{
    TaskModel model;
    model.setTasks({ task(9, TaskStatus::Running, 100), task(10, TaskStatus::Running, 20) });
    const auto sorts = [&](int row, int column) { return model.index(row, column).data(TaskModel::SortRole); };
    QVERIFY(QVariant::compare(sorts(0, TaskModel::IdColumn), sorts(1, TaskModel::IdColumn)) > 0);
    QVERIFY(QVariant::compare(sorts(0, TaskModel::ProgressColumn), sorts(1, TaskModel::ProgressColumn)) < 0);
}

void tst_TaskModel::roundsDurations_data()
{
    QTest::addColumn<double>("seconds");
    QTest::addColumn<QString>("text");
    QTest::newRow("none") << 0.0 << u"0 s"_s;
    QTest::newRow("never below") << -3.0 << u"0 s"_s;
    QTest::newRow("part of a second") << 0.2 << u"1 s"_s;
    QTest::newRow("under a minute") << 59.0 << u"59 s"_s;
    QTest::newRow("minutes") << 200.0 << u"3 min"_s;
    QTest::newRow("an hour") << 3590.0 << u"1 h 0 min"_s;
    QTest::newRow("hours") << 7500.0 << u"2 h 5 min"_s;
    QTest::newRow("days") << 100'000.0 << u"1 d 3 h"_s;
}

void tst_TaskModel::roundsDurations()
{
    QFETCH(double, seconds);
    QTEST(durationText(seconds), "text");
}

QTEST_GUILESS_MAIN(tst_TaskModel)
#include "tst_taskmodel.moc"
