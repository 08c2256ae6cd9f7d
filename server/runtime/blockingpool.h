// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/runtime/options.h"
#include "shared/async/context.h"
#include "shared/async/oneshot.h"

#include <functional>
#include <memory>

namespace godwit::runtime {

/// Threads for work that blocks or computes: files, password hashes, imports. Our own and not QThreadPool's global one,
/// which has as many threads as cores and starves when a few of them wait. Started when needed, ended after keep-alive.
class BlockingPool
{
public:
    explicit BlockingPool(const Options &options = {});
    ~BlockingPool(); ///< waits for what runs; what is queued ends with Error::cancelled()

    /// Runs @p work on a pool thread. Skipped with the context's stopError() if that has stopped before it is its turn;
    /// Error::Unavailable at once if the queue is full.
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
    struct Job final : AnyJob
    {
        Job(async::Context c, Work w, typename async::OneShot<T>::Finisher f)
            : context(std::move(c)),
              work(std::move(w)),
              finisher(std::move(f))
        {
        }
        void run() override
        {
            if (context.isStopped())
                finisher.fail(context.stopError());
            else
                finisher.setFrom(work);
        }
        void refuse(const Error &error) override { finisher.fail(error); }

        async::Context context;
        Work work;
        typename async::OneShot<T>::Finisher finisher;
    };
    void enqueue(std::unique_ptr<AnyJob> job);

    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace godwit::runtime
