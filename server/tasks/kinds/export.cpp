// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/exports/service.h"
#include "server/files/deposit.h"
#include "server/files/filename.h"
#include "server/tasks/kinds.h"
#include "server/tasks/store.h"
#include "shared/core/jsonreader.h"

using namespace Qt::StringLiterals;

namespace godwit::tasks {

namespace {

/// Of a task whose number of rows is known: the rest is what makes it a file.
constexpr double percentOfRows = 99;

struct ExportPlan
{
    exports::Request request{};
    QString name; // empty: one is made
    QString format;

    static Result<ExportPlan> fromJson(const QJsonObject &params)
    {
        JsonReader reader(params);
        ExportPlan plan{ .name = reader.string("name"_L1, QString()), .format = reader.string("format"_L1, u"csv"_s) };
        plan.request.dataset = exports::findDataset(reader.string("dataset"_L1));
        if (!plan.request.dataset)
            reader.fail("dataset"_L1, u"must be one of "_s + exports::datasetNames().join(u", "_s));
        if (const auto format = exports::formatFrom(plan.format))
            plan.request.format = *format;
        else
            reader.fail("format"_L1, u"must be csv, json or ndjson"_s);
        if (plan.request.dataset && plan.request.dataset->isFiltered())
            plan.request.filter = exports::Filter::read(reader);
        for (const auto name : { "series"_L1, "from"_L1, "to"_L1, "step"_L1 }) {
            if (reader.has(name) && plan.request.dataset && !plan.request.dataset->isFiltered())
                reader.fail(name, u"is for the dataset readings"_s);
        }
        if (const auto name = files::fileName(plan.name); !plan.name.isEmpty() && !name)
            reader.fail("name"_L1, u": "_s + name.error().message());
        plan.request.isCounted = true;
        return reader.finish(std::move(plan));
    }

    QString fileName() const
    {
        if (!name.isEmpty())
            return name;
        const QString now = QDateTime::currentDateTimeUtc().toString(u"yyyyMMdd-HHmmss"_s);
        return u"%1-%2.%3"_s.arg(request.dataset->name, now, format);
    }
};

QJsonObject resultOf(const QString &name, qint64 bytes, qint64 rows)
{
    return { { u"name"_s, name }, { u"rows"_s, rows }, { u"bytes"_s, bytes } };
}

void tell(Job &job, const exports::RowFeed &feed)
{
    const qint64 rows = feed.rows(), total = feed.totalRows();
    const double share = total > 0 ? std::min(1.0, double(rows) / double(total)) : 0;
    job.setProgress(percentOfRows * share, u"%1 of %2 rows"_s.arg(rows).arg(total));
}

} // namespace

static QJsonObject exportToFile(const Resources &resources, Job &job)
{
    const QByteArray key = "task-" + QByteArray::number(job.id());
    if (const auto done = job.attempt() > 1 ? files::Deposit::find(resources.files, key) : std::nullopt) {
        job.log(u"an attempt before has made %1"_s.arg(done->name));
        return resultOf(done->name, done->size, done->note.toLongLong());
    }
    const ExportPlan plan = orThrow(ExportPlan::fromJson(job.params()));
    const protocol::Principal creator
        = resources.pool.read({}, [id = job.id()](db::Connection &c) { return store::creatorOf(c, id); })
              .future()
              .result();
    files::Deposit deposit(
        resources.files,
        { .key = key,
          .name = plan.fileName(),
          .owner = files::Owner::of(creator),
          .ifTaken = plan.name.isEmpty() ? files::Deposit::IfTaken::Number : files::Deposit::IfTaken::Refuse });
    qint64 rows = 0;
    resources.exports.readAll({ .stop = job.stopToken() }, creator, plan.request,
                              [&](const QByteArray &block, const exports::RowFeed &feed) {
                                  deposit.append(block);
                                  rows = feed.rows();
                                  tell(job, feed);
                              });
    if (job.stopToken().stop_requested())
        throw Error::cancelled();
    const files::File file = deposit.finish(QByteArray::number(rows));
    job.setProgress(100, u"%1 rows in %2"_s.arg(rows).arg(file.name));
    return resultOf(file.name, file.size, rows);
}

/// `export` `{dataset, format: "csv", name, series, from, to, step}`: what `/api/export` gives, into a new file of
/// `/api/files`, which is its maker's; what he may not see, it does not have. Without a name it gets one of dataset and
/// time. `{name, rows, bytes}`.
Kind exportKind(const Resources &resources)
{
    const auto checkCaller = [](const QJsonObject &params, const protocol::Principal &caller) {
        exports::requireRole(caller, *orThrow(ExportPlan::fromJson(params)).request.dataset);
    };
    return { .name = u"export"_s,
             .handler = [resources](Job &job) { return exportToFile(resources, job); },
             .options = { .check = [](const QJsonObject &params) { orThrow(ExportPlan::fromJson(params)); },
                          .checkCaller = checkCaller,
                          .params = QStringList{ u"dataset"_s, u"format"_s, u"name"_s, u"series"_s, u"from"_s, u"to"_s,
                                                 u"step"_s },
                          .leastRole = protocol::Role::Member,
                          .maxAttempts = 3 } };
}

} // namespace godwit::tasks
