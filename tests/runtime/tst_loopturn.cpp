// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/runtime/loopturn.h"
#include "tests/runtime/dispatchermain.h"

#include <QAbstractEventDispatcher>

#include <memory>
#include <thread>

using namespace godwit;
using namespace godwit::runtime;
using namespace std::chrono_literals;

class tst_LoopTurn : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void unknownWithoutADispatcher();
    void looks_data();
    void looks();
    void theDispatcherTells();
};

void tst_LoopTurn::unknownWithoutADispatcher()
{
    std::thread([] { QVERIFY(LoopTurn::waited(std::chrono::steady_clock::now()) == 0ns); }).join();
}

/// A look at one hour; work until the next begins, which ends a wait later; and something handled 1 ms after that.
void tst_LoopTurn::looks_data()
{
    using Micro = std::chrono::microseconds;
    QTest::addColumn<Micro>("work");
    QTest::addColumn<Micro>("wait");
    QTest::addColumn<bool>("mayWait");
    QTest::addColumn<Micro>("waited");
    QTest::newRow("nothing to do: it has just come") << Micro(10us) << Micro(100ms) << true << Micro(1ms);
    QTest::newRow("came while we worked") << Micro(40ms) << Micro(0us) << true << Micro(21ms);
    QTest::newRow("looking takes time too") << Micro(40ms) << Micro(100us) << true << Micro(21'050us);
    QTest::newRow("waited a little after much work") << Micro(40ms) << Micro(2ms) << true << Micro(1ms);
    QTest::newRow("waited longer than we worked") << Micro(20us) << Micro(30us) << true << Micro(1ms);
    QTest::newRow("had no leave to wait") << Micro(40ms) << Micro(2ms) << false << Micro(22ms);
}

void tst_LoopTurn::looks()
{
    QFETCH(const std::chrono::microseconds, work);
    QFETCH(const std::chrono::microseconds, wait);
    QFETCH(const bool, mayWait);
    QFETCH(const std::chrono::microseconds, waited);
    std::thread([&] {
        LoopTurn turn;
        const TimePoint first{ 1h };
        turn.looked(first, first, true);
        QVERIFY(LoopTurn::waited(first + 3ms) == 3ms);
        const TimePoint second = first + work;
        turn.looked(second, second + wait, mayWait);
        QVERIFY(LoopTurn::waited(second + wait + 1ms) == waited);
        QVERIFY(LoopTurn::waited(first) == 0ms); // never less
    }).join();
}

/// Two turns that are posted while the first works: what the second finds has waited for half of it.
void tst_LoopTurn::theDispatcherTells()
{
    if (!std::unique_ptr<QAbstractEventDispatcher>(makeEventDispatcher()))
        QSKIP("Qt's own dispatcher runs here");
    using std::chrono::steady_clock;
    QTimer::singleShot(20ms, this, [] { });
    QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    QVERIFY(LoopTurn::waited(steady_clock::now()) < 15ms); // waited for the timer, and not since the loop before
    const TimePoint begun = steady_clock::now();
    while (steady_clock::now() < begun + 60ms) { }
    QCoreApplication::processEvents();
    QVERIFY(LoopTurn::waited(steady_clock::now()) >= 30ms);
}

int main(int argc, char **argv)
{
    return test::dispatcherMain<tst_LoopTurn>(argc, argv);
}
#include "tst_loopturn.moc"
