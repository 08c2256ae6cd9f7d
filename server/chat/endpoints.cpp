// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/endpoints.h"

#include "server/chat/plainsession.h"
#include "server/chat/session.h"
#include "server/http/bind.h"
#include "shared/core/name.h"
#include "shared/protocol/routes.h"

#include <QLoggingCategory>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using http::Response;
using protocol::Principal;
using protocol::Role;
using websocket::WsConnection;

Q_LOGGING_CATEGORY(chatLog, "godwit.chat")

namespace {

bool offers(const http::Request &request, QByteArrayView subprotocol)
{
    const auto offered = request.header("Sec-WebSocket-Protocol").toByteArray().split(',');
    return std::any_of(offered.begin(), offered.end(),
                       [subprotocol](const QByteArray &one) { return one.trimmed() == subprotocol; });
}

/// Without a subprotocol, of a room; with it, of as many as its client joins, and of the one that it names.
void openSocket(const std::shared_ptr<Chat> &chat, http::Exchange &exchange)
{
    http::QueryReader query(exchange.request.query());
    const std::optional<QString> name = query.optionalString("room"_L1);
    orThrow(query.finish(true));
    const bool wantsEvents = offers(exchange.request, protocol::chatSubprotocol);
    const QString room
        = name || !wantsEvents ? orThrow(normalizedName(name.value_or(QString()), "room"_L1)) : QString();
    const auto user = exchange.principal; // `?user=` has named it where names are believed
    websocket::accept(exchange, chat->options, [chat, room, user](WsConnection &connection) {
        if (connection.subprotocol().isEmpty()) {
            new PlainSession(connection, chat, room, *user);
            return;
        }
        auto *const session = new Session(connection, chat, *user);
        if (!room.isEmpty())
            session->join(room);
    });
}

struct RoomsQuery
{
    QString after;
    int limit;

    static Result<RoomsQuery> fromQuery(http::QueryReader &reader)
    {
        return reader.finish(
            RoomsQuery{ .after = reader.string("after"_L1), .limit = int(reader.integer("limit"_L1, 100, 1, 1000)) });
    }
};

struct HistoryQuery
{
    Page page;

    static Result<HistoryQuery> fromQuery(http::QueryReader &reader)
    {
        HistoryQuery query{ { .before = reader.integer("before"_L1, 0, 0),
                              .after = reader.integer("after"_L1, 0, 0),
                              .limit = int(reader.integer("limit"_L1, 50, 1, 500)),
                              .words = reader.string("q"_L1) } };
        if (query.page.before > 0 && query.page.after > 0)
            reader.fail("after"_L1, u"cannot stand beside \"before\""_s);
        return reader.finish(std::move(query));
    }
};

QCoro::Task<Response> listRooms(Chat &chat, async::Context context, Principal caller, http::Query<RoomsQuery> query)
{
    // One more than asked for tells whether there is a next page.
    auto reading = chat.service.rooms(context, query->after, query->limit + 1, caller.name);
    auto rooms = co_await std::move(reading);
    const bool hasMore = rooms.size() > query->limit;
    rooms.resize(std::min<qsizetype>(rooms.size(), query->limit));
    QJsonArray items;
    for (const Room &room : std::as_const(rooms))
        items.append(QJsonObject{ { "name"_L1, room.name },
                                  { "last_offset"_L1, room.lastOffset },
                                  { "last_message_at"_L1, toRfc3339(room.lastMessageAt) },
                                  { "online"_L1, chat.rooms->sessionsIn(room.name) },
                                  { "read"_L1, room.standing.readOffset },
                                  { "unread"_L1, room.standing.unread },
                                  { "mentions"_L1, room.standing.mentions },
                                  { "may_post"_L1, caller.may(Role::Member) },
                                  { "may_moderate"_L1, caller.may(Role::Operator) } });
    const QJsonValue next = hasMore ? QJsonValue(rooms.constLast().name) : QJsonValue();
    co_return Response::json(QJsonObject{ { "items"_L1, items }, { "next"_L1, next } });
}

QCoro::Task<Response> listMessages(Chat &chat, async::Context context, Principal, http::Path<QString> room,
                                   http::Query<HistoryQuery> query)
{
    const QString name = orThrow(normalizedName(*room, "room"_L1));
    auto reading = chat.service.history(context, name, query->page);
    const Service::History history = co_await std::move(reading);
    co_return Response::json(history.toJson());
}

} // namespace

void registerEndpoints(http::Router &router, Service &service, std::shared_ptr<LiveRooms> rooms,
                       async::RateLimiter *limiter, websocket::EndpointOptions options)
{
    options.frameBytes = options.messageBytes; // a message in JSON may be longer than by itself
    options.subprotocols = { QString::fromLatin1(protocol::chatSubprotocol) };
    const auto chat = std::shared_ptr<Chat>(
        new Chat{ .service = service, .rooms = std::move(rooms), .limiter = limiter, .options = std::move(options) });
    router.webSocket(protocol::routes::chatSocket,
                     http::Handler([chat](http::Exchange &exchange) { openSocket(chat, exchange); }, Role::Viewer));
    router.get("/api/rooms", http::bind(listRooms, *chat));
    router.get("/api/rooms/{room}/messages", http::bind(listMessages, *chat));
}

} // namespace godwit::chat
