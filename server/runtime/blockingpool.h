// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/runtime/options.h"
#include "shared/async/context.h"
#include "shared/async/currentrequest.h"
#include "shared/async/oneshot.h"

#include <atomic>
#include <memory>
#include <stop_token>

namespace godwit::runtime {

/// Threads for work that blocks or computes: files, password hashes, imports. Our own and not QThreadPool's global one,
/// which has as many threads as cores and starves when a few of them wait. Started when needed, ended after keep-alive.
class BlockingPool
{
    Q_DISABLE_COPY_MOVE(BlockingPool)

public:
    explicit BlockingPool(const Options &options = {});
    ~BlockingPool(); ///< waits for what runs; what is queued ends with Error::cancelled()

    /// Runs @p work on a pool thread. Skipped with the context's stopError() as soon as its token fires, or when its
    /// turn comes after the deadline; Error::Unavailable at once if the queue is full. Once it runs, stopping is up to
    /// the work. What it captures is destroyed on the pool thread, except when it was refused.
    template<class Work>
    auto run(async::Context context, Work work) -> async::OneShot<std::invoke_result_t<Work>>
    {
        using T = std::invoke_result_t<Work>;
        auto [finisher, result] = async::oneShot<T>();
        enqueue(std::make_unique<Job<T, Work>>(std::move(context), std::move(work), std::move(finisher)));
        return std::move(result);
    }

    struct Figures
    {
        int threads = 0, busy = 0;
        qsizetype queued = 0;
    };
    Figures figures() const;

private:
    struct AnyJob
    {
        virtual ~AnyJob() = default;
        virtual void run() = 0;
        virtual void refuse(const Error &error) = 0;
    };
    template<class T, class Work>
    class Job final : public AnyJob
    {
    public:
        Job(async::Context context, Work work, typename async::OneShot<T>::Finisher finisher)
            : m_context(std::move(context)),
              m_work(std::move(work)),
              m_finisher(std::move(finisher)),
              m_wait(m_context.trace, "blocking wait"),
              m_stopped(m_context.stop, Stop{ *this })
        {
        }
        void run() override
        {
            if (isTaken())
                return;
            const async::CurrentRequest request(m_context.requestId);
            m_wait.end();
            if (m_context.isStopped())
                return m_finisher.fail(m_context.stopError());
            m_finisher.setFrom([this]() -> decltype(auto) {
                const async::Span span(m_context.trace, "blocking work"); // ends before the result is told
                return m_work();
            });
        }
        void refuse(const Error &error) override
        {
            if (!isTaken())
                m_finisher.fail(error);
        }

    private:
        struct Stop
        {
            Job &job;
            void operator()() const { job.refuse(job.m_context.stopError()); }
        };
        /// True but for the first: a worker, or whoever requests the stop while the job is in the queue.
        bool isTaken() { return m_taken.test_and_set(std::memory_order_relaxed); }

        const async::Context m_context;
        Work m_work;
        typename async::OneShot<T>::Finisher m_finisher;
        async::Span m_wait;
        std::atomic_flag m_taken;
        std::stop_callback<Stop> m_stopped; // last: its callback uses all of the above
    };
    void enqueue(std::unique_ptr<AnyJob> job);

    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace godwit::runtime
