// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/endpoints.h"

#include "server/auth/service.h"
#include "server/http/bind.h"
#include "server/websocket/frame.h"
#include "server/websocket/wsendpoint.h"
#include "shared/protocol/routes.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace godwit::auth {

using async::Context;
using http::As;
using http::Response;
using http::Status;
using protocol::Principal;
using protocol::Role;
using websocket::WsConnection;

namespace {

struct Login
{
    QString user, password;

    static Result<Login> fromJson(const QJsonObject &json)
    {
        JsonReader reader(json);
        Login login{ .user = reader.string("user"_L1), .password = reader.string("password"_L1) };
        // What no account has need not be asked for, and is nothing that a log should hold.
        if (login.user.size() > 256)
            reader.fail("user"_L1, u"is too long"_s);
        if (login.password.size() > users::maxPasswordLength)
            reader.fail("password"_L1, u"is too long"_s);
        return reader.finish(std::move(login));
    }
};

struct RefreshRequest
{
    QByteArray refreshToken;

    static Result<RefreshRequest> fromJson(const QJsonObject &json)
    {
        JsonReader reader(json);
        RefreshRequest request{ reader.string("refresh_token"_L1).toUtf8() };
        return reader.finish(std::move(request));
    }
};

/// What nobody may keep (RFC 6749, 5.1).
Response secret(const QJsonObject &json, Status status = Status::Ok)
{
    Response response = Response::json(json, status);
    response.add("Cache-Control"_ba, "no-store"_ba);
    return response;
}

QString addressOf(const http::Request &request)
{
    const QHostAddress &address = request.clientAddress();
    return address.isNull() ? u"unix"_s : address.toString();
}

QCoro::Task<Response> logIn(Service &service, Context context, const http::Request &request, http::Json<Login> login)
{
    const QString address = addressOf(request);
    const Tokens tokens = co_await service.logIn(context, login->user, login->password, address);
    co_return secret(tokens.toJson());
}

QCoro::Task<Response> refresh(Service &service, Context context, const http::Request &request,
                              http::Json<RefreshRequest> body)
{
    const QString address = addressOf(request);
    const Tokens tokens = co_await service.refresh(context, body->refreshToken, address);
    co_return secret(tokens.toJson());
}

/// The session that a logout is about: of the refresh token in the body, or else of the token that it came with.
QByteArray sessionToEnd(const Service &service, const Authenticator &authenticator, const http::Request &request)
{
    if (!request.body().isEmpty()) {
        const auto body = parseJsonObject(request.body()).and_then(RefreshRequest::fromJson);
        return service.sessionOf(orThrow(body).refreshToken);
    }
    const auto found = authenticator.byToken(bearerToken(request.header("Authorization")));
    return found && found->claims ? found->claims->session : QByteArray();
}

QCoro::Task<Response> logOut(Service &service, Authenticator &authenticator, Context context,
                             const http::Request &request, http::MaybePrincipal caller)
{
    const QByteArray session = sessionToEnd(service, authenticator, request);
    if (session.isEmpty())
        throw Error(Error::Code::Unauthenticated, u"there is no login to end"_s);
    const QString actor = caller ? caller->name : QString();
    co_await service.logOut(context, session, actor);
    co_return Response::noContent();
}

Response makeTicket(Authenticator &authenticator, const http::Exchange &exchange, Principal)
{
    Authenticator::Found holder{ .principal = exchange.principal, .claims = {} };
    if (const auto found = authenticator.byToken(bearerToken(exchange.request.header("Authorization"))))
        holder.claims = found->claims;
    const QByteArray ticket = orThrow(authenticator.makeTicket(holder));
    return secret({ { u"ticket"_s, QString::fromLatin1(ticket) },
                    { u"expires_in"_s, qint64(authenticator.ticketLifetime().count() / 1000) } });
}

Response me(Principal caller)
{
    return secret(caller.toJson());
}

QCoro::Task<Response> createToken(Service &service, Context context, As<Role::Admin> caller, http::Json<NewToken> body)
{
    const CreatedToken created = co_await service.createToken(context, *body, caller->name);
    QJsonObject json = toJson(created.session);
    json.insert(u"token"_s, QString::fromLatin1(created.token));
    co_return secret(json, Status::Created);
}

QCoro::Task<Response> listTokens(Service &service, Context context, As<Role::Admin>)
{
    const auto tokens = co_await service.tokens(context);
    QJsonArray items;
    for (const Session &token : tokens)
        items.append(toJson(token));
    co_return secret({ { u"items"_s, items }, { u"next"_s, QJsonValue() } });
}

QCoro::Task<Response> revokeToken(Service &service, Context context, As<Role::Admin> caller, http::Path<QString> id)
{
    const QByteArray session = id->toLatin1();
    co_await service.revokeToken(context, session, caller->name);
    co_return Response::noContent();
}

/// `{type, user_id, ...}`: by id, or by name where there is none.
QByteArray sessionFrame(const Principal &principal, QLatin1StringView type, QJsonObject more)
{
    more.insert("type"_L1, type);
    more.insert("user_id"_L1, principal.userId != 0 ? QJsonValue(principal.userId) : QJsonValue(principal.name));
    return websocket::textFrame(QJsonDocument(more).toJson(QJsonDocument::Compact));
}

/// Welcomes, and answers each text frame by an echo: for trying out whether one is known.
void openSession(http::Exchange &exchange)
{
    const auto principal = exchange.principal; // shared with the connection, which outlives the exchange
    websocket::accept(exchange, {}, [principal](WsConnection &connection) {
        connection.sendFrames(
            sessionFrame(*principal, "welcome"_L1, { { u"message"_s, u"Connected successfully"_s } }));
        QObject::connect(&connection, &WsConnection::textReceived, &connection,
                         [&connection, principal](const QString &text) {
                             connection.sendFrames(sessionFrame(*principal, "echo"_L1, { { u"original"_s, text } }));
                         });
        QObject::connect(&connection, &WsConnection::binaryReceived, &connection, [&connection] {
            connection.close(websocket::CloseCode::UnsupportedData, u"messages are text"_s);
        });
    });
}

} // namespace

void registerEndpoints(http::Router &router, Service &service, Authenticator &authenticator)
{
    using namespace protocol::routes;
    constexpr qint64 bodyBytes = 16 * 1024;
    router.post(authLogin, http::bind(logIn, service)).accepting(bodyBytes);
    router.post(authRefresh, http::bind(refresh, service)).accepting(bodyBytes);
    router.post(authLogout, http::bind(logOut, service, authenticator)).accepting(bodyBytes);
    router.post(authTicket, http::bind(makeTicket, authenticator)).accepting(bodyBytes);
    router.get(authMe, http::bind(me));
    router.post(authTokens, http::bind(createToken, service)).accepting(bodyBytes);
    router.get(authTokens, http::bind(listTokens, service));
    router.del("/api/auth/tokens/{id}", http::bind(revokeToken, service));
    router.webSocket(sessionSocket, http::Handler(openSession, Role::Viewer));
}

} // namespace godwit::auth
