// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/apiclient.h"

#include "shared/client/credentials.h"
#include "shared/client/localsocketaccess.h"
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

/// Resumes when another token than @p refused is there, or none can be had.
class ApiClient::Renewed
{
public:
    Renewed(ApiClient &client, QByteArray refused) : m_client(client), m_refused(std::move(refused)) { }

    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> coroutine)
    {
        m_client.m_credentials->renew(m_refused, &m_client, [this, coroutine](const Result<void> &outcome) {
            m_outcome = outcome;
            coroutine.resume(); // which ends this
        });
    }
    Result<void> await_resume() { return std::move(m_outcome); }

private:
    ApiClient &m_client;
    QByteArray m_refused;
    Result<void> m_outcome;
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

static std::unique_ptr<QNetworkAccessManager> makeAccess(const QUrl &server)
{
    if (server.scheme() == "unix"_L1)
        return std::make_unique<LocalSocketAccess>(server.path());
    return std::make_unique<QNetworkAccessManager>();
}

ApiClient::ApiClient(QUrl server) : m_server(std::move(server)), m_network(makeAccess(m_server)) { }

ApiClient::~ApiClient()
{
    if (m_credentials)
        m_credentials->cancel(this);
    const auto pending = m_network->findChildren<QNetworkReply *>();
    for (QNetworkReply *reply : pending)
        reply->abort();
}

QNetworkRequest ApiClient::request(const QString &path, const QUrlQuery &query) const
{
    QUrl url = m_server.scheme() == "unix"_L1 ? QUrl(u"http://localhost"_s) : m_server;
    url.setPath(path);
    url.setQuery(query);
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    if (const QByteArray sent = token(); !sent.isEmpty())
        request.setRawHeader("Authorization"_ba, "Bearer "_ba + sent);
    return request;
}

void ApiClient::setCredentials(Credentials &credentials)
{
    m_credentials = &credentials;
}

QByteArray ApiClient::token() const
{
    return m_credentials ? m_credentials->token() : m_token;
}

QCoro::Task<Result<Answer>> ApiClient::get(QString path, QUrlQuery query, std::stop_token stop)
{
    return ask({ .method = Method::Get, .path = std::move(path), .query = query }, std::move(stop));
}

QCoro::Task<Result<Answer>> ApiClient::post(QString path, QJsonObject body, std::stop_token stop)
{
    QByteArray bytes = QJsonDocument(body).toJson(QJsonDocument::Compact);
    return ask({ .method = Method::Post, .path = std::move(path), .body = std::move(bytes) }, std::move(stop));
}

QCoro::Task<Result<Answer>> ApiClient::patch(QString path, QJsonObject body)
{
    QByteArray bytes = QJsonDocument(body).toJson(QJsonDocument::Compact);
    return ask({ .method = Method::Patch, .path = std::move(path), .body = std::move(bytes) });
}

QCoro::Task<Result<Answer>> ApiClient::remove(QString path)
{
    return ask({ .method = Method::Delete, .path = std::move(path) });
}

QNetworkReply *ApiClient::begin(const Call &call)
{
    QNetworkRequest made = request(call.path, call.query);
    switch (call.method) {
    case Method::Get:
        return m_network->get(made);
    case Method::Post:
        made.setHeader(QNetworkRequest::ContentTypeHeader, u"application/json"_s);
        return m_network->post(made, call.body);
    case Method::Patch:
        made.setHeader(QNetworkRequest::ContentTypeHeader, u"application/json"_s);
        return m_network->sendCustomRequest(made, "PATCH"_ba, call.body);
    case Method::Delete:
        return m_network->deleteResource(made);
    }
    Q_UNREACHABLE();
}

/// The client may be gone after each suspension, but only if that ended with Cancelled.
QCoro::Task<Result<Answer>> ApiClient::ask(Call call, std::stop_token stop)
{
    if (m_credentials && !m_credentials->isFresh()) {
        Renewed renewed(*this, m_credentials->token());
        const Result<void> outcome = co_await renewed;
        if (!outcome)
            co_return Failure(outcome.error());
    }
    const QByteArray sent = token();
    Result<Answer> answer = co_await finish(begin(call), stop);
    if (answer || answer.error().code() != Error::Code::Unauthenticated || !m_credentials)
        co_return answer;
    Renewed renewed(*this, sent);
    const Result<void> outcome = co_await renewed;
    if (!outcome && outcome.error().code() == Error::Code::Cancelled)
        co_return Failure(outcome.error());
    if (!outcome)
        co_return answer;
    co_return co_await finish(begin(call), stop);
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
