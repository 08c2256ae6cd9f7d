// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/outbound/target.h"
#include "server/tasks/kinds.h"
#include "shared/async/gather.h"
#include "shared/core/jsonreader.h"

#include <QElapsedTimer>

using namespace Qt::StringLiterals;

namespace godwit::tasks {

namespace {

constexpr qsizetype mostUrls = 1'000;

struct FetchPlan
{
    std::vector<QUrl> urls;
    int concurrency = 4;
    qint64 maxBytes = 0;

    static Result<FetchPlan> fromJson(const QJsonObject &params, const outbound::Options &options)
    {
        JsonReader reader(params);
        FetchPlan plan;
        const QJsonArray urls = reader.array("urls"_L1);
        if (urls.isEmpty() || urls.size() > mostUrls)
            reader.fail("urls"_L1, u"must hold 1 to %1 URLs"_s.arg(mostUrls));
        for (qsizetype i = 0; i < urls.size(); ++i) {
            const QUrl url(urls[i].toString());
            if (const auto target = outbound::Target::fromUrl(url); target)
                plan.urls.push_back(url);
            else
                reader.fail("urls"_L1, u"[%1]: %2"_s.arg(QString::number(i), target.error().message()));
        }
        const qint64 concurrency = reader.integer("concurrency"_L1, 4);
        if (concurrency < 1 || concurrency > 32)
            reader.fail("concurrency"_L1, u"must be between 1 and 32"_s);
        plan.concurrency = int(std::clamp<qint64>(concurrency, 1, 32));
        plan.maxBytes = reader.integer("max_bytes"_L1, options.bodyBytes);
        if (plan.maxBytes < 1 || plan.maxBytes > options.bodyBytes)
            reader.fail("max_bytes"_L1,
                        u"must be between 1 and %1, [outbound] body in the configuration"_s.arg(options.bodyBytes));
        return reader.finish(std::move(plan));
    }
};

QString titleOf(Error::Code code)
{
    switch (code) {
    case Error::Code::InvalidArgument:
    case Error::Code::FailedValidation:
        return u"Not valid"_s;
    case Error::Code::PermissionDenied:
    case Error::Code::Unauthenticated:
        return u"Not allowed"_s;
    case Error::Code::NotFound:
        return u"Not found"_s;
    case Error::Code::PayloadTooLarge:
        return u"Too large"_s;
    case Error::Code::DeadlineExceeded:
        return u"Timed out"_s;
    case Error::Code::Cancelled:
        return u"Cancelled"_s;
    case Error::Code::Unavailable:
    case Error::Code::Conflict:
    case Error::Code::RangeNotSatisfiable:
    case Error::Code::ResourceExhausted:
    case Error::Code::Internal:
        break;
    }
    return u"Unavailable"_s;
}

QJsonObject toJson(const Decider &decider)
{
    const bool isBreaker = decider.kind == Decider::Kind::CircuitBreaker;
    const bool isBulkhead = decider.kind == Decider::Kind::Bulkhead;
    return { { u"kind"_s,
               isBreaker        ? u"circuit_breaker"_s
                   : isBulkhead ? u"bulkhead"_s
                                : u"deadline"_s },
             { u"name"_s, decider.name },
             { u"limit"_s, decider.limit },
             { u"used"_s, decider.used },
             { u"retry_after"_s, std::chrono::duration<double>(decider.retryAfter).count() } };
}

QJsonObject problemOf(const Error &error)
{
    QJsonObject problem{ { u"title"_s, titleOf(error.code()) }, { u"detail"_s, error.message() } };
    if (error.decider())
        problem.insert(u"decider"_s, toJson(*error.decider()));
    return problem;
}

QJsonObject toJson(const outbound::Response &response)
{
    return { { u"status"_s, response.status },
             { u"bytes"_s, response.bytes },
             { u"sha256"_s, QString::fromLatin1(response.sha256) },
             { u"content_type"_s, QString::fromLatin1(response.header("content-type")) },
             { u"attempts"_s, response.attempts } };
}

bool isFailed(const QJsonObject &fetched)
{
    return fetched.value("status"_L1).toInt(999) >= 400; // none: a problem
}

} // namespace

static QCoro::Task<QJsonObject> fetchOne(outbound::Client &client, async::Context context, QUrl url, qint64 maxBytes)
{
    QElapsedTimer timer;
    timer.start();
    QJsonObject fetched;
    try {
        async::OneShot<outbound::Response> response
            = client.send(context, { .url = url, .keep = outbound::Request::Keep::Digest, .maxBytes = maxBytes });
        fetched = toJson(co_await std::move(response));
    } catch (const Error &error) {
        fetched.insert(u"problem"_s, problemOf(error));
    }
    fetched.insert(u"url"_s, url.toString());
    fetched.insert(u"took_ms"_s, timer.elapsed());
    co_return fetched;
}

/// Of the log, for what did not come.
static QString lineOf(const Result<QJsonObject> &fetched)
{
    if (!fetched)
        return fetched.error().message();
    const QString url = fetched->value("url"_L1).toString();
    const QJsonObject problem = fetched->value("problem"_L1).toObject();
    return problem.isEmpty() ? u"%1: status %2"_s.arg(url).arg(fetched->value("status"_L1).toInt())
                             : u"%1: %2"_s.arg(url, problem.value("detail"_L1).toString());
}

static QCoro::Task<QJsonObject> fetchAll(outbound::Client &client, async::Context context, FetchPlan plan, Job &job)
{
    const size_t count = plan.urls.size();
    size_t done = 0, failed = 0;
    const auto tell = [&](size_t, const Result<QJsonObject> &fetched) {
        if (!fetched || isFailed(*fetched)) {
            ++failed;
            job.log(lineOf(fetched));
        }
        ++done;
        job.setProgress(100.0 * double(done) / double(count),
                        u"%1 of %2, %3 failed"_s.arg(done).arg(count).arg(failed));
    };
    const auto one
        = [&](const async::Context &inner, const QUrl &url) { return fetchOne(client, inner, url, plan.maxBytes); };
    async::ForEachOptions<QJsonObject> options{ .concurrency = plan.concurrency, .onEach = tell };
    const auto results = co_await async::forEachConcurrent(context, plan.urls, one, std::move(options));
    context.throwIfStopped();
    QJsonArray items;
    for (const Result<QJsonObject> &result : results)
        items.append(orThrow(result));
    co_return QJsonObject{ { u"results"_s, items },
                           { u"succeeded"_s, qint64(done - failed) },
                           { u"failed"_s, qint64(failed) } };
}

static QJsonObject fetch(outbound::Client &client, Job &job)
{
    const FetchPlan plan = orThrow(FetchPlan::fromJson(job.params(), client.options()));
    const async::Context context{ .stop = job.stopToken() };
    // This thread has no event loop: it waits, while one of the client's does the work.
    return client.run([&] { return fetchAll(client, context, plan, job); }).future().result();
}

/// `fetch` `{urls: [...], concurrency: 4, max_bytes: 1000000}`: asks for each of up to 1,000 URLs, so many at a time,
/// and keeps what came: `{results: [...], succeeded, failed}` with `{url, status, bytes, sha256, content_type,
/// attempts, took_ms}` for each in the order asked, or `{url, problem: {title, detail, decider}, took_ms}`. A status of
/// 400 or more counts as failed, and does not fail the task. max_bytes is of a decoded body, by default and at most
/// `[outbound] body`.
Kind fetchKind(const Resources &resources)
{
    outbound::Client &client = resources.outbound;
    const auto check = [&client](const QJsonObject &params) { orThrow(FetchPlan::fromJson(params, client.options())); };
    return { .name = u"fetch"_s,
             .handler = [&client](Job &job) { return fetch(client, job); },
             .options = { .concurrency = 2,
                          .check = check,
                          .params = QStringList{ u"urls"_s, u"concurrency"_s, u"max_bytes"_s } } };
}

} // namespace godwit::tasks
