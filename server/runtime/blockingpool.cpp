// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/runtime/blockingpool.h"

#include "server/runtime/threadname.h"

#include <QThread>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>

using namespace Qt::StringLiterals;

namespace godwit::runtime {

struct BlockingPool::Private
{
    explicit Private(const Options &o) : options(o) { }

    class Worker final : public QThread
    {
    public:
        Worker(Private &pool, int number) : m_pool(pool), m_number(number)
        {
            setObjectName(threadName(pool.options.threadName, u"block"_s, number));
            if (pool.options.stackBytes > 0)
                setStackSize(uint(pool.options.stackBytes));
        }
        void run() override { m_pool.work(m_number); }

    private:
        Private &m_pool;
        const int m_number;
    };

    void work(int number);
    bool startWorker();
    std::vector<std::unique_ptr<QThread>> takeEnded() { return std::exchange(ended, {}); }

    const Options options;
    mutable std::mutex mutex; // guards all below
    std::condition_variable wake;
    std::deque<std::unique_ptr<AnyJob>> queue;
    std::map<int, std::unique_ptr<QThread>> threads; // by number
    std::vector<std::unique_ptr<QThread>> ended; // to be waited for, a moment at most
    int busy = 0;
    bool stopping = false;
};

/// A worker's life. Ends after keep-alive without work, or with the pool.
void BlockingPool::Private::work(int number)
{
    std::unique_lock lock(mutex);
    for (;;) {
        const bool awake
            = wake.wait_for(lock, options.blockingKeepAlive, [this] { return stopping || !queue.empty(); });
        if (!awake || queue.empty())
            break;
        auto job = std::move(queue.front());
        queue.pop_front();
        ++busy;
        lock.unlock();
        job->run();
        job.reset();
        lock.lock();
        --busy;
    }
    if (const auto self = threads.find(number); self != threads.end()) {
        ended.push_back(std::move(self->second));
        threads.erase(self);
    }
}

bool BlockingPool::Private::startWorker()
{
    int number = 0;
    while (threads.contains(number))
        ++number;
    auto worker = std::make_unique<Worker>(*this, number);
    worker->start();
    if (!worker->isRunning()) // it cannot have ended yet: it needs our lock
        return false;
    threads.emplace(number, std::move(worker));
    return true;
}

BlockingPool::BlockingPool(const Options &options) : d(std::make_unique<Private>(options)) { }

BlockingPool::~BlockingPool()
{
    std::deque<std::unique_ptr<AnyJob>> refused;
    std::map<int, std::unique_ptr<QThread>> running;
    {
        const std::lock_guard lock(d->mutex);
        d->stopping = true;
        refused.swap(d->queue);
        running.swap(d->threads);
    }
    d->wake.notify_all();
    for (const auto &job : refused)
        job->refuse(Error::cancelled());
    for (const auto &[number, thread] : running)
        thread->wait();
    for (const auto &thread : d->ended) // no worker is left to touch it
        thread->wait();
}

BlockingPool::Figures BlockingPool::figures() const
{
    const std::lock_guard lock(d->mutex);
    return { .threads = int(d->threads.size()), .busy = d->busy, .queued = qsizetype(d->queue.size()) };
}

void BlockingPool::enqueue(std::unique_ptr<AnyJob> job)
{
    std::vector<std::unique_ptr<QThread>> ended;
    bool isTaken = false;
    {
        const std::lock_guard lock(d->mutex);
        ended = d->takeEnded();
        const auto idle = qsizetype(d->threads.size()) - d->busy;
        const auto queued = qsizetype(d->queue.size());
        const bool mayStart = !d->stopping && int(d->threads.size()) < std::max(1, d->options.blockingThreads);
        const bool served = idle > queued || (mayStart && d->startWorker());
        // Without a single thread (the system has none left) it would wait for ever.
        isTaken = served || (!d->threads.empty() && queued - idle < d->options.blockingQueue);
        if (isTaken)
            d->queue.push_back(std::move(job));
    }
    for (const auto &thread : ended)
        thread->wait();
    if (isTaken)
        d->wake.notify_one();
    else
        job->refuse(Error(Error::Code::Unavailable, u"too much work is waiting"_s)); // NOLINT(bugprone-use-after-move)
}

} // namespace godwit::runtime
