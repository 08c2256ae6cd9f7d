// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/tasks/kinds.h"

#include "server/search/importer.h"
#include "shared/core/jsonreader.h"

#include <QFileInfo>

#include <condition_variable>
#include <mutex>

using namespace Qt::StringLiterals;

namespace godwit::tasks {

static Result<QStringList> importPathsOf(const QJsonObject &params)
{
    JsonReader reader(params);
    QStringList paths;
    const QJsonArray given = reader.array("paths"_L1);
    for (const auto &path : given) {
        if (!path.isString() || !QFileInfo(path.toString()).isAbsolute())
            reader.fail("paths"_L1, u"must be absolute paths on the server's machine"_s);
        else if (!QFileInfo::exists(path.toString()))
            reader.fail("paths"_L1, u"must exist: there is no "_s + path.toString());
        else
            paths.append(path.toString());
    }
    if (paths.isEmpty())
        reader.fail("paths"_L1, u"must name a file or a folder"_s);
    return reader.finish(std::move(paths));
}

static QJsonObject import(search::Service &service, Job &job)
{
    const auto report = search::importPaths(
        service, orThrow(importPathsOf(job.params())), job.stopToken(), [&job](const search::ImportProgress &progress) {
            job.setProgress(
                progress.percent(),
                u"%1 documents, %2"_s.arg(QString::number(progress.documents), QFileInfo(progress.current).fileName()));
        });
    job.setProgress(100, u"%1 documents from %2 files"_s.arg(report.documents).arg(report.files));
    return report.toJson();
}

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

void addStandardKinds(Service &service, search::Service &search)
{
    // One import at a time: two would only wait for each other at the writer.
    service.addKind(u"import"_s, [&search](Job &job) { return import(search, job); },
                    { .concurrency = 1, .check = [](const QJsonObject &params) { orThrow(importPathsOf(params)); } });
    service.addKind(u"sleep"_s, sleep,
                    { .concurrency = 4,
                      .check = [](const QJsonObject &params) { orThrow(Nap::fromJson(params)); },
                      .leastRole = protocol::Role::Member });
}

} // namespace godwit::tasks
