// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tasks/testtasks.h"

#include <QElapsedTimer>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::tasks;

class tst_TaskProgress : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void progressIsCoalesced();
    void lastProgressOfABurstIsTold();
    void progressAndEtaAreSeen();
};

namespace {

/// What a listener was told.
class Told
{
public:
    explicit Told(Service &service)
    {
        service.addListener([this](const Service::Change &change) {
            const std::lock_guard lock(m_mutex);
            m_changes.append(change);
        });
    }
    QList<Service::Change> changes() const
    {
        const std::lock_guard lock(m_mutex);
        return m_changes;
    }

private:
    mutable std::mutex m_mutex;
    QList<Service::Change> m_changes;
};

} // namespace

void tst_TaskProgress::progressIsCoalesced()
{
    TestTasks test;
    const auto told = std::make_unique<Told>(*test.service);
    QElapsedTimer timer;
    test.service->addKind(u"work"_s, [](Job &job) {
        for (int i = 0; i < 100'000; ++i)
            job.setProgress(i / 1000.0, u"step"_s);
        return QJsonObject();
    });
    test.service->start();
    timer.start();
    const auto id = test.submit(u"work"_s).id;
    QTRY_COMPARE(test.status(id), Status::Completed);
    QTRY_COMPARE(toString(told->changes().last().progress.status), Status::Completed);
    const auto changes = told->changes();
    // Queued, running and completed, ten a second, and one for each that began or ended in between.
    QVERIFY2(changes.size() <= 6 + timer.elapsed() / 100, qPrintable(QString::number(changes.size())));
    QCOMPARE(toString(changes.first().progress.status), Status::Queued);
    double last = 0;
    quint64 offset = 0;
    for (const auto &change : changes) {
        QVERIFY(change.progress.progress >= last);
        QVERIFY(change.offset > offset);
        last = change.progress.progress;
        offset = change.offset;
    }
    test.close(); // before the listener's target
}

void tst_TaskProgress::lastProgressOfABurstIsTold()
{
    Gate gate; // outlives the handlers
    TestTasks test;
    const auto told = std::make_unique<Told>(*test.service);
    test.service->addKind(u"work"_s, [&gate](Job &job) {
        for (int i = 1; i <= 50; ++i)
            job.setProgress(i, u"step %1"_s.arg(i));
        gate.pass(job); // and then nothing for a long time
        return QJsonObject();
    });
    test.service->start();
    test.submit(u"work"_s);
    QTRY_COMPARE(told->changes().last().progress.progress, 50.0);
    QCOMPARE(told->changes().last().progress.message, u"step 50"_s);
    gate.open();
    test.close();
}

void tst_TaskProgress::progressAndEtaAreSeen()
{
    Gate gate; // outlives the handlers
    TestTasks test;
    test.service->addKind(u"work"_s, [&gate](Job &job) {
        job.setProgress(25, u"a quarter"_s);
        gate.pass(job);
        return QJsonObject();
    });
    test.service->start();
    const auto id = test.submit(u"work"_s).id;
    QTRY_COMPARE(gate.arrived(), 1);
    const auto task = test.get(id);
    QCOMPARE(task.progress, 25.0);
    QCOMPARE(task.message, u"a quarter"_s);
    QVERIFY(task.etaSeconds.has_value());
    const auto live = test.service->progress(id);
    QVERIFY(live);
    QCOMPARE(live->progress.progress, 25.0);
    gate.open();
    QTRY_COMPARE(test.status(id), Status::Completed);
    QTRY_VERIFY(!test.service->progress(id));
}

QTEST_GUILESS_MAIN(tst_TaskProgress)
#include "tst_taskprogress.moc"
