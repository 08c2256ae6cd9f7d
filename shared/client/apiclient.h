// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QPointer>
#include <QUrlQuery>
#include <qcorotask.h>

#include <chrono>
#include <memory>
#include <stop_token>

namespace godwit::client {

class Credentials;

/// What a 2xx answer brought.
struct Answer
{
    int status = 0;
    QJsonDocument json{}; ///< null for an empty body
    QList<QNetworkReply::RawHeaderPair> headers{};
    std::chrono::milliseconds elapsed{}; ///< from the request to the last byte

    QJsonObject object() const { return json.object(); }
    QJsonArray array() const { return json.array(); }
    QByteArray header(QByteArrayView name) const; ///< case-insensitive; null without one
};

/// JSON requests to one server. Every call ends: with an answer, an Error from the server's problem+json,
/// DeadlineExceeded after the timeout, or Cancelled when the client is destroyed (the waiting coroutine then runs on
/// from inside the destructor, so hold a QPointer to whatever may be gone). One thread.
///
/// With Credentials a request waits for an access token that is to be renewed, and is repeated once after a 401 if
/// there is another token then: the server has not begun with what it refused.
///
///     const QPointer<SearchPage> self = this;
///     const Result<Answer> answer = co_await m_session.api().get(u"/api/search"_s, query);
///     if (!self)
///         co_return;
class ApiClient
{
public:
    /// `http://HOST:PORT`, `https:` or, as a daemon says where it listens, `unix:/run/godwit.sock`.
    explicit ApiClient(QUrl server);
    ~ApiClient();

    /// Ends with Cancelled, and the request is given up, as soon as @p stop fires; in this thread.
    QCoro::Task<Result<Answer>> get(QString path, QUrlQuery query = {}, std::stop_token stop = {});
    QCoro::Task<Result<Answer>> post(QString path, QJsonObject body = {}, std::stop_token stop = {});
    QCoro::Task<Result<Answer>> patch(QString path, QJsonObject body);
    QCoro::Task<Result<Answer>> remove(QString path);

    /// Address and headers of a request to @p path: what EventSource and Socket take.
    QNetworkRequest request(const QString &path, const QUrlQuery &query = {}) const;

    const QUrl &server() const { return m_server; }
    /// Sent as `Authorization: Bearer`; none if empty. Not together with Credentials.
    void setToken(QByteArray token) { m_token = std::move(token); }
    /// @p credentials must outlive this.
    void setCredentials(Credentials &credentials);
    void setTimeout(std::chrono::milliseconds timeout) { m_timeout = timeout; }

private:
    enum class Method { Get, Post, Patch, Delete };
    struct Call
    {
        Method method;
        QString path;
        QUrlQuery query{};
        QByteArray body{};
    };
    class Renewed;

    QByteArray token() const;
    QNetworkReply *begin(const Call &call);
    QCoro::Task<Result<Answer>> ask(Call call, std::stop_token stop = {});
    QCoro::Task<Result<Answer>> finish(QNetworkReply *reply, std::stop_token stop);

    QUrl m_server;
    QByteArray m_token;
    QPointer<Credentials> m_credentials;
    std::chrono::milliseconds m_timeout{ 10'000 };
    const std::unique_ptr<QNetworkAccessManager> m_network;
};

} // namespace godwit::client
