// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/outbound/traceexporter.h"

#include "server/outbound/retryafter.h"
#include "shared/async/retry.h"
#include "shared/async/sleep.h"
#include "shared/core/ids.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace godwit::outbound {

Q_LOGGING_CATEGORY(exportLog, "godwit.traces")

using metrics::otlp::TracedRequest;

namespace {

constexpr qint64 longestAnswer = 64 * 1024;

bool mayBeTriedAgain(const Error &error)
{
    return error.code() == Error::Code::Unavailable || error.code() == Error::Code::DeadlineExceeded;
}

/// What an answer that is not 2xx says (OTLP/HTTP, "Failures": only these four may be tried again).
Error refusalOf(const Response &response)
{
    const int status = response.status;
    const bool isPassing = status == 429 || status == 502 || status == 503 || status == 504;
    return Error(isPassing ? Error::Code::Unavailable : Error::Code::FailedValidation,
                 u"%1 answers %2"_s.arg(response.url.host()).arg(status))
        .withDecider({ .kind = Decider::Kind::RateLimit,
                       .name = response.url.host(),
                       .retryAfter = retryAfter(response.header("retry-after"), Clock::system().timestamp()) });
}

/// Of an answer that is 2xx: `{"partialSuccess": {"rejectedSpans": "3", "errorMessage": "..."}}`.
qint64 rejectedBy(const Response &response)
{
    const QJsonObject partial = QJsonDocument::fromJson(response.body)["partialSuccess"_L1].toObject();
    const qint64 rejected = partial["rejectedSpans"_L1].toVariant().toLongLong();
    if (rejected > 0)
        qCWarning(exportLog, "the collector rejects %lld spans: %s", static_cast<long long>(rejected),
                  qUtf8Printable(partial["errorMessage"_L1].toString()));
    return std::max<qint64>(0, rejected);
}

std::chrono::nanoseconds dayOfSteady()
{
    return std::chrono::system_clock::now().time_since_epoch() - std::chrono::steady_clock::now().time_since_epoch();
}

QList<std::pair<QByteArray, QByteArray>> headersOf(const TraceExportOptions &options)
{
    QList<std::pair<QByteArray, QByteArray>> headers{ { "Content-Type"_ba, "application/json"_ba } };
    for (const QString &header : options.headers)
        headers.append({ header.section(u'=', 0, 0).trimmed().toUtf8(), header.section(u'=', 1).trimmed().toUtf8() });
    return headers;
}

} // namespace

TraceExporter::TraceExporter(Client &client, TraceExportOptions options, QByteArray version)
    : m_client(client),
      m_options(std::move(options)),
      m_service{ .name = m_options.service.toUtf8(), .version = std::move(version), .instance = makeSecretId() },
      m_url(m_options.endpoint)
{
    if (!m_options.isEnabled())
        return;
    m_isRunning = true;
    m_client.run([this] { return exportAll(*this); });
}

TraceExporter::~TraceExporter()
{
    m_stop.request_stop();
    m_hurry.request_stop();
    wake();
    std::unique_lock lock(m_mutex);
    m_left.wait(lock, [this] { return !m_isRunning; });
}

void TraceExporter::add(const metrics::AnsweredRequest &request, const std::shared_ptr<async::Trace> &trace)
{
    if (!request.self.isSampled())
        return;
    TracedRequest traced(request, trace);
    const int spans = traced.spans();
    {
        const std::lock_guard lock(m_mutex);
        if (qint64(m_waiting.size()) >= m_options.queue || m_stop.stop_requested()) {
            m_figures.dropped += spans;
            if (!std::exchange(m_isFull, true))
                qCWarning(exportLog, "%lld requests wait to be exported: further ones are dropped",
                          static_cast<long long>(m_waiting.size()));
            return;
        }
        m_waiting.push_back(std::move(traced));
        m_waitingSpans += spans;
        ++m_figures.pending;
        if (!isForBatch() || !m_wake.stop_possible())
            return;
    }
    wake();
}

void TraceExporter::drain()
{
    m_hurry.request_stop();
    wake();
}

void TraceExporter::wake()
{
    std::stop_source present(std::nostopstate);
    {
        const std::lock_guard lock(m_mutex);
        present.swap(m_wake);
    }
    present.request_stop(); // which posts to the thread that waits
}

bool TraceExporter::isAtRest() const
{
    const std::lock_guard lock(m_mutex);
    return m_figures.pending == 0;
}

TraceExporter::Figures TraceExporter::figures() const
{
    const std::lock_guard lock(m_mutex);
    return m_figures;
}

/// Touches nothing of @p self once it has said that it does not run.
QCoro::Task<> TraceExporter::exportAll(TraceExporter &self)
{
    while (!self.m_stop.stop_requested()) {
        QCoro::Task<> waiting = self.pause();
        co_await waiting;
        for (bool isFirst = true;; isFirst = false) {
            Batch batch;
            {
                const std::lock_guard lock(self.m_mutex);
                if (isFirst ? !self.m_waiting.empty() : self.isForBatch())
                    batch = self.takeBatch();
            }
            if (batch.empty())
                break;
            QCoro::Task<> delivery = self.deliver(std::move(batch));
            co_await delivery;
        }
    }
    const std::lock_guard lock(self.m_mutex);
    self.m_isRunning = false;
    self.m_left.notify_all();
}

/// Until the interval is over, or there is enough for a batch.
QCoro::Task<> TraceExporter::pause()
{
    std::stop_token wake;
    {
        const std::lock_guard lock(m_mutex);
        if (isForBatch() || m_stop.stop_requested())
            co_return;
        m_wake = std::stop_source();
        wake = m_wake.get_token();
    }
    const async::Context context{ .stop = wake };
    try {
        async::OneShot<void> wait = async::sleepFor(context, m_options.interval);
        co_await std::move(wait);
    } catch (const Error &) {
        co_return; // woken
    }
}

/// Under the lock.
bool TraceExporter::isForBatch() const
{
    return !m_waiting.empty()
        && (m_waitingSpans >= m_options.batchSpans || qint64(m_waiting.size()) >= m_options.queue
            || m_hurry.stop_requested());
}

/// Under the lock.
TraceExporter::Batch TraceExporter::takeBatch()
{
    Batch batch;
    for (int spans = 0; !m_waiting.empty() && spans < m_options.batchSpans; m_waiting.pop_front()) {
        const int its = m_waiting.front().spans();
        spans += its;
        m_waitingSpans = m_waiting.size() > 1 ? m_waitingSpans - its : 0; // more may have begun since it was counted
        batch.push_back(std::move(m_waiting.front()));
    }
    return batch;
}

QCoro::Task<> TraceExporter::deliver(Batch batch)
{
    qint64 spans = 0;
    for (const TracedRequest &traced : batch)
        spans += traced.spans();
    const QByteArray body = metrics::otlp::toJson(m_service, batch, dayOfSteady());
    const async::RetryPolicy policy{ .attempts = m_options.attempts,
                                     .firstDelay = m_options.retryDelay,
                                     .longestDelay = m_options.longestDelay };
    bool isLast = false;
    for (int number = 1;; ++number) {
        std::optional<Error> failed;
        isLast = isLast || m_hurry.stop_requested();
        try {
            QCoro::Task<qint64> attempted = attempt(body);
            const qint64 rejected = co_await attempted;
            end(spans, batch, {}, rejected);
            co_return;
        } catch (const Error &error) {
            failed = error;
        }
        if (isLast || number >= policy.attempts || !mayBeTriedAgain(*failed)) {
            end(spans, batch, failed->message(), 0);
            co_return;
        }
        // Retry-After, too, is heeded up to this only: what waits meanwhile would not be there any more.
        const auto delay = std::min(async::retryDelay(policy, number, *failed), m_options.longestDelay);
        const async::Context context{ .stop = m_hurry.get_token() };
        try {
            async::OneShot<void> wait = async::sleepFor(context, delay);
            co_await std::move(wait);
        } catch (const Error &) {
            isLast = true; // a drain: now, and not again
        }
        const std::lock_guard lock(m_mutex);
        ++m_figures.retries;
    }
}

/// How many spans of it the collector did not take. Throws what went wrong.
QCoro::Task<qint64> TraceExporter::attempt(QByteArray body)
{
    Request request{ .method = "POST"_ba,
                     .url = m_url,
                     .headers = headersOf(m_options),
                     .body = std::move(body),
                     .maxBytes = longestAnswer,
                     .isIdempotent = true,
                     .attempts = 1, // ours take longer
                     .followsRedirects = false,
                     .isConfigured = true };
    async::Context context{ .stop = m_stop.get_token(),
                            .deadline = async::Deadline::in(m_hurry.stop_requested() ? m_options.drainTimeout
                                                                                     : m_options.timeout) };
    async::OneShot<Response> wait = m_client.send(std::move(context), std::move(request));
    const Response response = co_await std::move(wait);
    if (response.status < 200 || response.status > 299)
        throw refusalOf(response);
    co_return rejectedBy(response);
}

/// Without a @p failure it has arrived.
void TraceExporter::end(qint64 spans, const Batch &batch, const QString &failure, qint64 rejected)
{
    const std::lock_guard lock(m_mutex);
    m_figures.pending -= qint64(batch.size());
    m_isFull = false;
    if (failure.isNull()) {
        ++m_figures.batches;
        m_figures.rejected += std::min(rejected, spans);
        m_figures.exported += std::max<qint64>(0, spans - rejected);
        if (std::exchange(m_isFailing, false))
            qCInfo(exportLog, "traces reach %s again", qUtf8Printable(m_url.host()));
        return;
    }
    m_figures.failed += spans;
    if (!std::exchange(m_isFailing, true))
        qCWarning(exportLog, "traces do not reach %s: %s", qUtf8Printable(m_url.host()), qUtf8Printable(failure));
    if (!m_hurry.stop_requested())
        return;
    for (const TracedRequest &traced : m_waiting)
        m_figures.failed += traced.spans();
    m_figures.pending -= qint64(m_waiting.size());
    m_waiting.clear();
    m_waitingSpans = 0;
}

} // namespace godwit::outbound
