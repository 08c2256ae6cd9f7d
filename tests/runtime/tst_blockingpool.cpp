// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/runtime/blockingpool.h"

#include <QCoroTask>
#include <QFile>
#include <QThread>
#include <QtTest>

#include <memory>
#include <semaphore>
#include <thread>

using namespace godwit;
using namespace godwit::runtime;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

class tst_BlockingPool : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void resultArrivesInTheAwaitingThread();
    void exceptionArrives();
    void resultThatCanOnlyBeMoved();
    void startsThreadsOnDemandUpToTheLimit();
    void reusesAnIdleThread();
    void endsIdleThreadsAfterKeepAlive();
    void fullQueueRefusesAtOnce();
    void tokenEndsAQueuedJobAtOnce();
    void stoppedContextIsNotRun_data();
    void stoppedContextIsNotRun();
    void destructorCancelsTheQueueAndWaitsForTheRest();
    void namesItsThreads();
    void manyFromManyThreads();
};

namespace {

/// What a OneShot ended with, seen from a test: the code of its error, or nothing.
template<class T>
std::optional<Error::Code> codeOf(QFuture<T> future)
{
    try {
        future.waitForFinished();
    } catch (const Error &error) {
        return error.code();
    }
    return std::nullopt;
}

/// Keeps threads of a pool busy until it is opened, at the latest when it dies: to be declared after the pool.
class Gate
{
public:
    explicit Gate(BlockingPool &pool) : m_pool(pool) { }
    ~Gate() { open(); }

    QFuture<void> block()
    {
        return m_pool.run({}, [opened = m_opened] { opened->wait(false); }).future();
    }
    void open()
    {
        *m_opened = true;
        m_opened->notify_all();
    }

private:
    BlockingPool &m_pool;
    std::shared_ptr<std::atomic<bool>> m_opened = std::make_shared<std::atomic<bool>>(false); // shared with the jobs
};

} // namespace

static QCoro::Task<std::pair<QThread *, QThread *>> threadsOf(BlockingPool &pool)
{
    QThread *const worked = co_await pool.run({}, [] { return QThread::currentThread(); });
    co_return std::pair(worked, QThread::currentThread());
}

void tst_BlockingPool::resultArrivesInTheAwaitingThread()
{
    BlockingPool pool;
    const auto [worked, resumed] = QCoro::waitFor(threadsOf(pool));
    QVERIFY(worked != QThread::currentThread());
    QCOMPARE(resumed, QThread::currentThread());
}

static QCoro::Task<QString> messageOfFailure(BlockingPool &pool)
{
    try {
        co_await pool.run({}, []() -> int { throw Error(Error::Code::NotFound, u"no such file"_s); });
    } catch (const Error &error) {
        co_return error.message();
    }
    co_return QString();
}

void tst_BlockingPool::exceptionArrives()
{
    BlockingPool pool;
    QCOMPARE(QCoro::waitFor(messageOfFailure(pool)), u"no such file"_s);
    QCOMPARE(codeOf(pool.run({}, [] { throw Error::internal(u"x"_s); }).future()), Error::Code::Internal);
    QVERIFY(!codeOf(pool.run({}, [] { }).future())); // the thread is as good as before
}

static QCoro::Task<int> movedResult(BlockingPool &pool)
{
    const auto pointer = co_await pool.run({}, [] { return std::make_unique<int>(42); });
    co_return *pointer;
}

void tst_BlockingPool::resultThatCanOnlyBeMoved()
{
    BlockingPool pool;
    QCOMPARE(QCoro::waitFor(movedResult(pool)), 42);
}

void tst_BlockingPool::startsThreadsOnDemandUpToTheLimit()
{
    BlockingPool pool({ .blockingThreads = 3 });
    Gate gate(pool);
    QCOMPARE(pool.figures().threads, 0);
    QList<QFuture<void>> futures;
    for (int i = 1; i <= 5; ++i) {
        futures.append(gate.block());
        QCOMPARE(pool.figures().threads, std::min(i, 3));
    }
    QTRY_COMPARE(pool.figures().busy, 3);
    QCOMPARE(pool.figures().queued, 2);
    gate.open();
    for (auto &future : futures)
        future.waitForFinished();
    QTRY_COMPARE(pool.figures().busy, 0);
    QCOMPARE(pool.figures().queued, 0);
    QCOMPARE(pool.figures().threads, 3);
}

void tst_BlockingPool::reusesAnIdleThread()
{
    BlockingPool pool({ .blockingThreads = 8 });
    for (int i = 0; i < 20; ++i) {
        pool.run({}, [] { }).future().waitForFinished();
        QTRY_COMPARE(pool.figures().busy, 0);
    }
    QCOMPARE(pool.figures().threads, 1);
}

void tst_BlockingPool::endsIdleThreadsAfterKeepAlive()
{
    BlockingPool pool({ .blockingThreads = 4, .blockingKeepAlive = 5ms });
    for (int round = 0; round < 5; ++round) {
        Gate gate(pool);
        QList<QFuture<void>> futures;
        for (int i = 0; i < 4; ++i)
            futures.append(gate.block());
        gate.open();
        for (auto &future : futures)
            future.waitForFinished();
        QTRY_COMPARE(pool.figures().threads, 0);
    }
    // A job that comes just when the last thread gives up is served all the same.
    for (int i = 0; i < 200; ++i) {
        QVERIFY(!codeOf(pool.run({}, [] { }).future()));
        if (i % 10 == 0)
            QTRY_VERIFY(pool.figures().threads <= 1);
    }
}

void tst_BlockingPool::fullQueueRefusesAtOnce()
{
    BlockingPool pool({ .blockingThreads = 1, .blockingQueue = 2 });
    Gate gate(pool);
    const auto running = gate.block();
    QTRY_COMPARE(pool.figures().busy, 1);
    const auto first = gate.block(), second = gate.block();
    const auto token = std::make_shared<int>(); // shared with the job, to see whether it is gone
    QCOMPARE(codeOf(pool.run({}, [token] { }).future()), Error::Code::Unavailable);
    QCOMPARE(token.use_count(), 1);
    gate.open();
    QVERIFY(!codeOf(second));
    QVERIFY(!codeOf(pool.run({}, [] { }).future()));
}

void tst_BlockingPool::tokenEndsAQueuedJobAtOnce()
{
    BlockingPool pool({ .blockingThreads = 1 });
    Gate gate(pool);
    const auto running = gate.block();
    std::stop_source source;
    bool ran = false;
    const auto queued = pool.run({ .stop = source.get_token() }, [&] { ran = true; }).future();
    QVERIFY(!queued.isFinished());
    source.request_stop();
    QVERIFY(queued.isFinished()); // before the thread is free
    QCOMPARE(codeOf(queued), Error::Code::Cancelled);
    gate.open();
    pool.run({}, [] { }).future().waitForFinished();
    QVERIFY(!ran);
}

void tst_BlockingPool::stoppedContextIsNotRun_data()
{
    QTest::addColumn<bool>("byDeadline");
    QTest::addColumn<Error::Code>("code");
    QTest::newRow("token") << false << Error::Code::Cancelled;
    QTest::newRow("deadline") << true << Error::Code::DeadlineExceeded;
}

void tst_BlockingPool::stoppedContextIsNotRun()
{
    QFETCH(bool, byDeadline);
    QFETCH(Error::Code, code);
    async::Context context;
    std::stop_source source;
    source.request_stop();
    if (byDeadline)
        context.deadline = async::Deadline::in(0ms);
    else
        context.stop = source.get_token();
    BlockingPool pool;
    bool ran = false;
    QCOMPARE(codeOf(pool.run(context, [&] { ran = true; }).future()), code);
    QVERIFY(!ran);
}

void tst_BlockingPool::destructorCancelsTheQueueAndWaitsForTheRest()
{
    QFuture<void> queued;
    std::atomic<bool> finished = false;
    std::atomic<bool> goOn = false;
    {
        BlockingPool pool({ .blockingThreads = 1 });
        std::binary_semaphore entered(0);
        const auto running = pool.run({}, [&] {
            entered.release();
            goOn.wait(false);
            finished = true;
        });
        entered.acquire();
        queued = pool.run({}, [] { }).future();
        // The running job ends only after the queued one was cancelled, that is, in the destructor.
        queued.then(QtFuture::Launch::Sync, [&](const QFuture<void> &) {
            goOn = true;
            goOn.notify_all();
        });
    }
    QVERIFY(finished);
    QCOMPARE(codeOf(queued), Error::Code::Cancelled);
}

void tst_BlockingPool::namesItsThreads()
{
    BlockingPool pool({ .threadName = u"laboratory-server"_s });
    auto name = pool.run({}, [] { return QThread::currentThread()->objectName(); }).future();
    QCOMPARE(name.result(), u"laborat-block-0"_s);
}

void tst_BlockingPool::manyFromManyThreads()
{
    BlockingPool pool({ .blockingThreads = 4, .blockingKeepAlive = 1ms, .blockingQueue = 1'000'000 });
    std::atomic<int> right = 0;
    {
        std::vector<std::jthread> callers;
        for (int t = 0; t < 4; ++t) {
            callers.emplace_back([&, t] {
                for (int i = 0; i < 500; ++i)
                    right += pool.run({}, [&, i] { return t * i; }).future().result() == t * i;
            });
        }
    }
    QCOMPARE(right.load(), 2000);
}

QTEST_GUILESS_MAIN(tst_BlockingPool)
#include "tst_blockingpool.moc"
