// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/apiclient.h"

#include "shared/client/problem.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTimer>

namespace godwit::client {

using namespace Qt::StringLiterals;
using std::chrono::milliseconds;

/// Resumes from inside `finished`, so that ~ApiClient can end what waits without an event loop.
class ReplyFinished
{
public:
    explicit ReplyFinished(QNetworkReply *reply) : m_reply(reply) { }

    bool await_ready() const { return m_reply->isFinished(); }
    void await_suspend(std::coroutine_handle<> coroutine)
    {
        QObject::connect(m_reply, &QNetworkReply::finished, m_reply, [coroutine] { coroutine.resume(); });
    }
    void await_resume() const { }

private:
    QNetworkReply *m_reply;
};

static constexpr char timedOut[] = "godwitTimedOut";

static Result<Answer> answerOf(QNetworkReply &reply, milliseconds elapsed)
{
    if (reply.property(timedOut).toBool())
        return failure(Error::Code::DeadlineExceeded,
                       QCoreApplication::translate("client", "The server did not answer in time"));
    if (reply.error() == QNetworkReply::OperationCanceledError)
        return Failure(Error::cancelled());
    const QByteArray body = reply.readAll();
    if (reply.error() != QNetworkReply::NoError || statusOf(reply) >= 300)
        return Failure(errorOf(reply, body));

    Answer answer{ .status = statusOf(reply), .headers = reply.rawHeaderPairs(), .elapsed = elapsed };
    if (body.isEmpty())
        return answer;
    QJsonParseError fault;
    answer.json = QJsonDocument::fromJson(body, &fault);
    if (fault.error != QJsonParseError::NoError)
        return failure(
            Error::Code::Internal,
            QCoreApplication::translate("client", "The server's answer is not JSON: %1").arg(fault.errorString()));
    return answer;
}

QByteArray Answer::header(QByteArrayView name) const
{
    for (const auto &[key, value] : headers) {
        if (key.compare(name, Qt::CaseInsensitive) == 0)
            return value;
    }
    return {};
}

ApiClient::ApiClient(QUrl server) : m_server(std::move(server)) { }

ApiClient::~ApiClient()
{
    const auto pending = m_network.findChildren<QNetworkReply *>();
    for (QNetworkReply *reply : pending)
        reply->abort();
}

QNetworkRequest ApiClient::request(const QString &path, const QUrlQuery &query) const
{
    QUrl url = m_server;
    url.setPath(path);
    url.setQuery(query);
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    if (!m_token.isEmpty())
        request.setRawHeader("Authorization"_ba, "Bearer "_ba + m_token);
    return request;
}

QCoro::Task<Result<Answer>> ApiClient::get(QString path, QUrlQuery query, std::stop_token stop)
{
    return finish(m_network.get(request(path, query)), std::move(stop));
}

QCoro::Task<Result<Answer>> ApiClient::post(QString path, QJsonObject body)
{
    QNetworkRequest post = request(path);
    post.setHeader(QNetworkRequest::ContentTypeHeader, u"application/json"_s);
    return finish(m_network.post(post, QJsonDocument(body).toJson(QJsonDocument::Compact)));
}

QCoro::Task<Result<Answer>> ApiClient::remove(QString path)
{
    return finish(m_network.deleteResource(request(path)));
}

/// Touches nothing of the client after its first suspension: it may be gone by then.
QCoro::Task<Result<Answer>> ApiClient::finish(QNetworkReply *reply, std::stop_token stop)
{
    const std::unique_ptr<QNetworkReply, QScopedPointerDeleteLater> owner(reply);
    QTimer::singleShot(m_timeout, reply, [reply] {
        reply->setProperty(timedOut, true);
        reply->abort();
    });
    const std::stop_callback giveUp(stop, [reply] { reply->abort(); });
    QElapsedTimer timer;
    timer.start();
    co_await ReplyFinished(reply);
    co_return answerOf(*reply, milliseconds(timer.elapsed()));
}

} // namespace godwit::client
