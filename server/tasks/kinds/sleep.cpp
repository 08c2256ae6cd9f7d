// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/tasks/kinds.h"
#include "shared/core/jsonreader.h"

#include <condition_variable>
#include <mutex>

using namespace Qt::StringLiterals;

namespace godwit::tasks {

namespace {

struct Nap
{
    double seconds = 0;
    int steps = 1;

    static Result<Nap> fromJson(const QJsonObject &params)
    {
        JsonReader reader(params);
        Nap nap{ .seconds = reader.number("seconds"_L1, 1.0), .steps = 1 };
        if (nap.seconds < 0 || nap.seconds > 3600)
            reader.fail("seconds"_L1, u"must be between 0 and 3600"_s);
        const qint64 steps = reader.integer("steps"_L1, 10);
        if (steps < 1 || steps > 10'000)
            reader.fail("steps"_L1, u"must be between 1 and 10000"_s);
        else
            nap.steps = int(steps);
        return reader.finish(nap);
    }
};

} // namespace

static QJsonObject sleep(Job &job)
{
    const Nap nap = orThrow(Nap::fromJson(job.params()));
    const std::chrono::duration<double> step(nap.seconds / nap.steps);
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    for (int i = 1; i <= nap.steps; ++i) {
        wake.wait_for(lock, job.stopToken(), step, [] { return false; }); // until the step is over, or the stop
        if (job.stopToken().stop_requested())
            throw Error::cancelled();
        job.setProgress(100.0 * i / nap.steps, u"step %1 of %2"_s.arg(i).arg(nap.steps));
    }
    return { { u"seconds"_s, nap.seconds } };
}

/// `sleep` `{seconds: 1, steps: 10}`: waits, to try things out.
Kind sleepKind(const Resources &)
{
    return { .name = u"sleep"_s,
             .handler = sleep,
             .options = { .concurrency = 4,
                          .check = [](const QJsonObject &params) { orThrow(Nap::fromJson(params)); },
                          .params = QStringList{ u"seconds"_s, u"steps"_s },
                          .leastRole = protocol::Role::Member } };
}

} // namespace godwit::tasks
