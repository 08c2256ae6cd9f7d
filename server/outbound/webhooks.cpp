// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/outbound/webhooks.h"

#include "server/outbound/retryafter.h"
#include "server/outbound/signature.h"
#include "shared/async/retry.h"
#include "shared/async/sleep.h"
#include "shared/core/ids.h"

#include <QJsonDocument>
#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace godwit::outbound {

Q_LOGGING_CATEGORY(webhookLog, "godwit.webhooks")

using async::Context;

namespace {

bool isPassing(const Error &error)
{
    return error.code() == Error::Code::Unavailable || error.code() == Error::Code::DeadlineExceeded
        || error.code() == Error::Code::ResourceExhausted;
}

/// What an answer that is not 2xx says.
Error errorOf(const Response &response, Timestamp now)
{
    const int status = response.status;
    const bool mayPass = status >= 500 || status == 408 || status == 425 || status == 429;
    return Error(mayPass ? Error::Code::Unavailable : Error::Code::FailedValidation,
                 u"%1 answers %2"_s.arg(response.url.host()).arg(status))
        .withDecider({ .kind = Decider::Kind::RateLimit,
                       .name = response.url.host(),
                       .retryAfter = retryAfter(response.header("retry-after"), now) });
}

/// Ends everything some time after a drain began.
QCoro::Task<> stopAfter(std::stop_source stop, std::chrono::milliseconds span)
{
    try {
        async::OneShot<void> wait = async::sleepFor({ .stop = stop.get_token() }, span);
        co_await std::move(wait);
    } catch (const Error &) {
        co_return; // nothing is left to be stopped
    }
    stop.request_stop();
}

} // namespace

Webhooks::Webhooks(Client &client, WebhookOptions options, const Clock &clock)
    : m_client(client),
      m_options(std::move(options)),
      m_url(m_options.url),
      m_clock(clock)
{
}

Webhooks::~Webhooks()
{
    m_hurry.request_stop();
    m_stop.request_stop();
    std::unique_lock lock(m_mutex);
    m_left.wait(lock, [this] { return m_running == 0; });
}

bool Webhooks::wants(const QString &event) const
{
    return m_options.isEnabled() && m_options.events.contains(event);
}

void Webhooks::send(const QString &event, const QJsonObject &data)
{
    if (!wants(event))
        return;
    Event news{ .id = makeSecretId(), .type = event, .body = {} };
    news.body = QJsonDocument(QJsonObject{ { u"id"_s, QString::fromLatin1(news.id) },
                                           { u"type"_s, event },
                                           { u"timestamp"_s, toRfc3339(m_clock.timestamp()) },
                                           { u"data"_s, data } })
                    .toJson(QJsonDocument::Compact);
    const std::lock_guard lock(m_mutex);
    if (m_figures.pending >= m_options.queue || m_stop.stop_requested()) {
        ++m_figures.dropped;
        if (!std::exchange(m_isFull, true))
            qCWarning(webhookLog, "%lld events wait for %s: further ones are dropped",
                      static_cast<long long>(m_figures.pending), qUtf8Printable(m_url.host()));
        return;
    }
    ++m_figures.pending;
    m_waiting.push_back(std::move(news));
    if (m_running < m_options.concurrency) {
        ++m_running;
        m_client.run([this] { return deliverAll(*this); });
    }
}

void Webhooks::drain()
{
    m_hurry.request_stop();
    if (!isAtRest())
        m_client.run([stop = m_stop, span = m_options.drainTimeout] { return stopAfter(stop, span); });
}

bool Webhooks::isAtRest() const
{
    const std::lock_guard lock(m_mutex);
    return m_figures.pending == 0;
}

Webhooks::Figures Webhooks::figures() const
{
    const std::lock_guard lock(m_mutex);
    return m_figures;
}

/// Touches nothing of @p self once it has been counted out.
QCoro::Task<> Webhooks::deliverAll(Webhooks &self)
{
    Event event;
    while (self.takeNext(event)) {
        QCoro::Task<> delivery = self.deliver(event);
        co_await delivery;
    }
}

bool Webhooks::takeNext(Event &event)
{
    const std::lock_guard lock(m_mutex);
    if (m_waiting.empty()) {
        if (--m_running == 0)
            m_left.notify_all();
        return false;
    }
    event = std::move(m_waiting.front());
    m_waiting.pop_front();
    return true;
}

QCoro::Task<> Webhooks::deliver(Event event)
{
    const async::RetryPolicy policy{ .attempts = m_options.attempts,
                                     .firstDelay = m_options.retryDelay,
                                     .longestDelay = m_options.longestDelay };
    bool isLast = false;
    for (int number = 1;; ++number) {
        std::optional<Error> failed;
        try {
            QCoro::Task<> attempted = attempt({ .stop = m_stop.get_token() }, event);
            co_await attempted;
            end(event, {});
            co_return;
        } catch (const Error &error) {
            failed = error;
        }
        if (isLast || m_hurry.stop_requested() || number >= policy.attempts || !isPassing(*failed)) {
            end(event, failed->message());
            co_return;
        }
        // A longer Retry-After would hold a place for so long.
        const auto pause = std::min(async::retryDelay(policy, number, *failed), m_options.longestDelay);
        qCDebug(webhookLog, "%s %s: %s; again in %lld ms", qUtf8Printable(event.type), event.id.constData(),
                failed->what(), static_cast<long long>(pause.count()));
        try {
            async::OneShot<void> wait = async::sleepFor({ .stop = m_hurry.get_token() }, pause);
            co_await std::move(wait);
        } catch (const Error &) {
            isLast = true; // a drain: now, and not again
        }
        const std::lock_guard lock(m_mutex);
        ++m_figures.retries;
    }
}

/// Throws what went wrong.
QCoro::Task<> Webhooks::attempt(Context context, const Event &event)
{
    // Signed anew for each, as its time is part of it.
    Request request{ .method = "POST"_ba,
                     .url = m_url,
                     .headers = { { "Content-Type"_ba, "application/json"_ba },
                                  { "X-Godwit-Event"_ba, event.type.toUtf8() },
                                  { "X-Godwit-Event-Id"_ba, event.id },
                                  { "X-Godwit-Signature"_ba,
                                    signature(m_options.secret.toUtf8(), event.body, m_clock.timestamp()) } },
                     .body = event.body,
                     .keep = Request::Keep::Digest, // nobody reads it
                     .maxBytes = 64 * 1024,
                     .isIdempotent = true,
                     .attempts = 1, // ours take longer
                     .followsRedirects = false };
    async::OneShot<Response> wait = m_client.send(std::move(context), std::move(request));
    const Response response = co_await std::move(wait);
    if (response.status < 200 || response.status > 299)
        throw errorOf(response, m_clock.timestamp());
}

/// Without a @p failure it has arrived.
void Webhooks::end(const Event &event, const QString &failure)
{
    const std::lock_guard lock(m_mutex);
    --m_figures.pending;
    m_isFull = false;
    if (failure.isNull()) {
        ++m_figures.delivered;
        return;
    }
    ++m_figures.failed;
    qCWarning(webhookLog, "%s %s has not arrived: %s", qUtf8Printable(event.type), event.id.constData(),
              qUtf8Printable(failure));
}

} // namespace godwit::outbound
