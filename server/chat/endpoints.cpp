// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/endpoints.h"

#include "server/chat/names.h"
#include "server/chat/service.h"
#include "server/http/bind.h"
#include "server/websocket/wsendpoint.h"
#include "shared/protocol/routes.h"

#include <QLoggingCategory>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using http::Response;
using websocket::CloseCode;
using websocket::WsConnection;

namespace {

Q_LOGGING_CATEGORY(log, "godwit.chat")

/// A client that sends faster than the disk takes is not read from while so many of its messages are under way.
constexpr int maxInFlight = 64;

/// What the handlers work with.
struct Chat
{
    Service &service;
    const websocket::EndpointOptions options;
    const std::shared_ptr<LiveRooms> rooms; // see registerEndpoints()
};

/// One user's connection to one room: every text frame is a message. A child of its connection.
class Session final : public QObject
{
public:
    Session(WsConnection &connection, std::shared_ptr<Chat> chat, const QString &room, const protocol::Principal &user)
        : QObject(&connection),
          m_connection(connection),
          m_chat(std::move(chat)),
          m_room(room),
          m_user(user.name),
          m_mayPost(user.may(protocol::Role::Member)),
          m_entered(m_chat->rooms->enter(room))
    {
        m_entered.group->join(connection);
        if (m_entered.isFirst) // for the engine room
            m_chat->service.findLastOffset(
                room, [rooms = m_chat->rooms, room](qint64 offset) { rooms->learnOffset(room, offset); });
        connect(&connection, &WsConnection::textReceived, this, &Session::receive);
        connect(&connection, &WsConnection::binaryReceived, this,
                [this] { m_connection.close(CloseCode::UnsupportedData, u"messages are text"_s); });
        connect(&connection, &WsConnection::closed, this, &QObject::deleteLater);
    }

    ~Session() override { m_chat->rooms->leave(m_room); }

private:
    void receive(const QString &text)
    {
        if (!m_mayPost)
            return m_connection.closeFor(Error(Error::Code::PermissionDenied, u"to write needs the role member"_s));
        if (const auto valid = checkMessage(text); !valid)
            return m_connection.closeFor(valid.error());
        if (++m_inFlight == maxInFlight)
            m_connection.setReading(false);
        post(text);
    }

    /// Without the connection's token: a message that was sent is stored, even if its sender leaves meanwhile.
    QCoro::Task<> post(QString text)
    {
        const QPointer<Session> self(this);
        // Made before the co_await: GCC 12 destroys braced temporaries in such an expression twice.
        auto posted = m_chat->service.post({}, { .room = m_room, .user = m_user, .text = std::move(text) });
        std::optional<Error> failure;
        try {
            co_await std::move(posted);
        } catch (const Error &error) {
            failure = error;
        } catch (const std::exception &exception) {
            failure = Error::internal(QString::fromUtf8(exception.what()));
        }
        if (failure && failure->code() == Error::Code::Internal)
            qCWarning(log) << "a message could not be stored:" << failure->internalMessage();
        if (!self)
            co_return;
        if (m_inFlight-- == maxInFlight)
            m_connection.setReading(true);
        if (failure)
            m_connection.closeFor(*failure);
    }

    WsConnection &m_connection;
    const std::shared_ptr<Chat> m_chat; // shared by all sessions and the routes
    const QString m_room, m_user;
    const bool m_mayPost;
    const LiveRooms::Entered m_entered;
    int m_inFlight = 0;
};

void openSocket(const std::shared_ptr<Chat> &chat, http::Exchange &exchange)
{
    http::QueryReader query(exchange.request.query());
    const QString room = orThrow(normalizedName(query.string("room"_L1), "room"_L1));
    orThrow(query.finish(true));
    const auto user = exchange.principal; // `?user=` has named it where names are believed
    websocket::accept(exchange, chat->options,
                      [chat, room, user](WsConnection &connection) { new Session(connection, chat, room, *user); });
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
        return reader.finish(HistoryQuery{
            { .before = reader.integer("before"_L1, 0, 0), .limit = int(reader.integer("limit"_L1, 50, 1, 500)) } });
    }
};

QCoro::Task<Response> listRooms(Chat &chat, async::Context context, protocol::Principal, http::Query<RoomsQuery> query)
{
    // One more than asked for tells whether there is a next page.
    auto rooms = co_await chat.service.rooms(context, query->after, query->limit + 1);
    const bool hasMore = rooms.size() > query->limit;
    rooms.resize(std::min<qsizetype>(rooms.size(), query->limit));
    QJsonArray items;
    for (const Room &room : std::as_const(rooms))
        items.append(QJsonObject{ { "name"_L1, room.name },
                                  { "last_offset"_L1, room.lastOffset },
                                  { "last_message_at"_L1, toRfc3339(room.lastMessageAt) },
                                  { "online"_L1, chat.rooms->sessionsIn(room.name) } });
    const QJsonValue next = hasMore ? QJsonValue(rooms.last().name) : QJsonValue();
    co_return Response::json(QJsonObject{ { "items"_L1, items }, { "next"_L1, next } });
}

QCoro::Task<Response> listMessages(Chat &chat, async::Context context, protocol::Principal, http::Path<QString> room,
                                   http::Query<HistoryQuery> query)
{
    const Page page = query->page;
    const QString name = orThrow(normalizedName(*room, "room"_L1));
    const auto messages = co_await chat.service.history(context, name, page);
    QJsonArray items;
    for (const protocol::ChatMessage &message : messages)
        items.append(message.toJson());
    // Offsets are dense: something is before the first unless that is 1.
    const bool hasMore = !messages.isEmpty() && messages.first().offset > 1;
    const QJsonValue next = hasMore ? QJsonValue(messages.first().offset) : QJsonValue();
    co_return Response::json(QJsonObject{ { "items"_L1, items }, { "next"_L1, next } });
}

} // namespace

void registerEndpoints(http::Router &router, Service &service, std::shared_ptr<LiveRooms> rooms,
                       const websocket::EndpointOptions &options)
{
    const auto chat
        = std::shared_ptr<Chat>(new Chat{ .service = service, .options = options, .rooms = std::move(rooms) });
    service.setPublisher([chat](const protocol::ChatMessage &message) { chat->rooms->publish(message); });
    router.webSocket(
        protocol::routes::chatSocket,
        http::Handler([chat](http::Exchange &exchange) { openSocket(chat, exchange); }, protocol::Role::Viewer));
    router.get("/api/rooms", http::bind(listRooms, *chat));
    router.get("/api/rooms/{room}/messages", http::bind(listMessages, *chat));
}

} // namespace godwit::chat
