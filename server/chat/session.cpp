// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/session.h"

#include "server/chat/errorcode.h"
#include "server/chat/events.h"
#include "server/chat/names.h"
#include "shared/core/elided.h"
#include "shared/core/jsonreader.h"
#include "shared/core/name.h"
#include "shared/protocol/topics.h"

#include <QJsonDocument>
#include <QLoggingCategory>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::chat {

using protocol::ChatMessage;
using protocol::Role;
using websocket::CloseCode;
using websocket::WsConnection;
using Type = protocol::ChatCommand::Type;

Q_DECLARE_LOGGING_CATEGORY(chatLog)

namespace {

/// Between two times that a room is told that somebody writes.
constexpr auto typingInterval = 1s;

template<class T>
QCoro::Task<Result<T>> resultOf(async::OneShot<T> work)
{
    try {
        co_return co_await std::move(work);
    } catch (const Error &error) {
        co_return Failure(error);
    } catch (const std::exception &exception) {
        co_return Failure(Error::internal(QString::fromUtf8(exception.what())));
    }
}

} // namespace

Session::Session(WsConnection &connection, std::shared_ptr<Chat> chat, protocol::Principal user)
    : QObject(&connection),
      m_connection(connection),
      m_chat(std::move(chat)),
      m_user(std::move(user))
{
    connect(&connection, &WsConnection::textReceived, this, &Session::receive);
    connect(&connection, &WsConnection::binaryReceived, this,
            [this] { m_connection.close(CloseCode::UnsupportedData, u"commands are text"_s); });
    connect(&connection, &WsConnection::closed, this, &QObject::deleteLater);
}

Session::~Session()
{
    m_stop.request_stop();
}

void Session::join(const QString &room)
{
    obey({ .type = Type::Join, .room = room });
}

void Session::receive(const QString &text)
{
    const auto json = parseJsonObject(text.toUtf8());
    auto command = json.and_then(Command::fromJson);
    if (m_chat->limiter) {
        const auto decision = m_chat->limiter->take(limiterKey(m_user), std::chrono::steady_clock::now());
        if (!decision.isAllowed)
            command = Failure(m_chat->limiter->refusal(decision));
    }
    if (command)
        return obey(*std::move(command));
    // What can be told of it, so that the sender finds the command.
    const auto told = [&json](QLatin1StringView name) {
        return json ? json->value(name).toString().left(Command::mostRefLength) : QString();
    };
    refuse({ .room = told("room"_L1), .ref = told("ref"_L1), .clientId = told("client_id"_L1) }, command.error(),
           told("type"_L1));
}

void Session::obey(Command command)
{
    if (++m_inFlight == maxInFlight)
        m_connection.setReading(false);
    try {
        command.room = orThrow(normalizedName(command.room, "room"_L1));
        switch (command.type) {
        case Type::Join:
        case Type::Recover:
            enter(command);
            break;
        case Type::Leave:
            leave(command);
            break;
        case Type::Typing:
            tellTyping(command);
            break;
        case Type::Post:
            checkRole(Role::Member);
            if (command.file.isEmpty() || !command.message.isEmpty())
                orThrow(checkMessage(command.message));
            membershipIn(command.room);
            post(std::move(command));
            return; // finishOne() is its
        case Type::Edit:
            orThrow(checkMessage(command.message));
            [[fallthrough]];
        case Type::Delete:
            checkRole(Role::Member);
            change(std::move(command));
            return;
        case Type::Read:
            membershipIn(command.room);
            markRead(std::move(command));
            return;
        case Type::History:
            showHistory(std::move(command));
            return;
        }
    } catch (const Error &error) {
        refuse(command, error);
    }
    finishOne();
}

void Session::finishOne()
{
    if (m_inFlight-- == maxInFlight)
        m_connection.setReading(true);
}

void Session::checkRole(Role least) const
{
    if (!m_user.may(least))
        throw Error(Error::Code::PermissionDenied, u"to write needs the role %1"_s.arg(toString(least)));
}

Session::Membership &Session::membershipIn(const QString &room)
{
    const auto found = m_rooms.find(room);
    if (found == m_rooms.end())
        throw Error(Error::Code::Conflict, u"you are not in %1: join it first"_s.arg(room));
    return *found->second;
}

void Session::enter(const Command &command)
{
    if (m_rooms.contains(command.room))
        throw Error(Error::Code::Conflict, u"you are in %1 already"_s.arg(command.room));
    if (m_rooms.size() >= mostRooms)
        throw Error(Error::Code::ResourceExhausted, u"a connection can be in at most %1 rooms"_s.arg(mostRooms));
    const auto membership = std::make_shared<Membership>(m_chat->rooms, command.room, m_user.name);
    m_rooms.emplace(command.room, membership);
    follow(command, membership);
}

/// Beyond the first wait, whether we are still in the room is what @p weak says.
QCoro::Task<> Session::follow(Command command, std::weak_ptr<Membership> weak)
{
    const QPointer<Session> self(this);
    const std::shared_ptr<Chat> chat = m_chat;
    const async::Context context{ .stop = weak.lock()->stop.get_token() };
    const auto failed = [this, &self, &command, &weak](const Error &error) {
        if (!self || weak.expired())
            return;
        m_rooms.erase(command.room);
        refuse(command, error);
    };
    auto opening = chat->service.events().open(context, protocol::topics::ofRoom(command.room));
    const auto topic = co_await resultOf(std::move(opening));
    if (!topic || weak.expired()) {
        if (!topic)
            failed(topic.error());
        co_return;
    }
    auto waiting = m_recoveries.acquire(context);
    const auto turn = co_await resultOf(std::move(waiting)); // until the end
    if (!turn || weak.expired()) {
        if (!turn)
            failed(turn.error());
        co_return;
    }
    auto looking = chat->service.standing(context, command.room, m_user.name);
    const auto standing = co_await resultOf(std::move(looking));
    if (!standing || weak.expired()) {
        if (!standing)
            failed(standing.error());
        co_return;
    }
    weak.lock()->topic = *topic;
    chat->rooms->listenTo(command.room, **topic);

    log::EventLog::Reader reader;
    reader.begin = [this, &command, &standing, &weak](const log::EventLog::Start &start) {
        if (!weak.expired())
            sendJoined(command, start, *standing);
    };
    reader.take = [this, &weak](const QList<log::EventPointer> &events) {
        if (weak.expired())
            return false;
        for (const log::EventPointer &event : events)
            m_connection.sendText(event->data);
        return m_connection.isOpen();
    };
    reader.room = [this, &weak] { return weak.expired() ? async::oneShot<void>().second : m_connection.room(); };
    reader.join = [this, &weak] {
        if (const auto membership = weak.lock())
            membership->place.join(m_connection);
    };
    try {
        auto following = chat->service.events().follow(context, *topic, command.from, std::move(reader));
        co_await std::move(following);
    } catch (const Error &error) {
        failed(error);
    }
}

void Session::sendJoined(const Command &command, const log::EventLog::Start &start, const Standing &standing)
{
    const log::Position &last = start.state.last;
    if (!start.isRecovered) {
        send("gap",
             { { "epoch"_L1, QString::fromLatin1(last.epoch) },
               { "oldest"_L1, start.state.oldest },
               { "recovered"_L1, false } },
             command);
    }
    const qint64 offset = !start.isRecovered ? start.state.oldest - 1
        : command.from                       ? command.from->offset
                                             : last.offset;
    const auto present = m_chat->rooms->presentIn(command.room);
    QJsonObject joined{ { "epoch"_L1, QString::fromLatin1(last.epoch) },
                        { "offset"_L1, offset },
                        { "last"_L1, last.offset },
                        { "read"_L1, standing.readOffset },
                        { "unread"_L1, standing.unread },
                        { "mentions"_L1, standing.mentions },
                        { "users"_L1, QJsonArray::fromStringList(present.users) },
                        { "online"_L1, present.count },
                        { "may_post"_L1, m_user.may(Role::Member) },
                        { "may_moderate"_L1, m_user.may(Role::Operator) } };
    if (command.type == Type::Recover)
        joined.insert("recovered"_L1, start.isRecovered);
    send("joined", joined, command);
}

void Session::leave(const Command &command)
{
    membershipIn(command.room).place.leave(m_connection);
    m_rooms.erase(command.room);
    send("left", {}, command);
}

void Session::tellTyping(const Command &command)
{
    checkRole(Role::Member);
    Membership &membership = membershipIn(command.room);
    const TimePoint now = std::chrono::steady_clock::now();
    if (now - membership.typedAt < typingInterval)
        return;
    membership.typedAt = now;
    membership.place.tell(events::typing(command.room, m_user.name));
}

/// Without the connection's token: what was sent is stored, even if its sender leaves meanwhile.
QCoro::Task<> Session::post(Command command)
{
    const QPointer<Session> self(this);
    auto posting = m_chat->service.post({},
                                        { .room = command.room,
                                          .user = m_user.name,
                                          .text = command.message,
                                          .userId = m_user.userId,
                                          .clientId = command.clientId,
                                          .file = command.file });
    const auto posted = co_await resultOf(std::move(posting));
    if (!self)
        co_return;
    if (posted) {
        send("acked",
             { { "client_id"_L1, command.clientId },
               { "offset"_L1, posted->message.offset },
               { "id"_L1, posted->message.id },
               { "timestamp"_L1, toRfc3339(posted->message.timestamp) },
               { "repeated"_L1, posted->isRepeated } },
             command);
    } else {
        refuse(command, posted.error());
    }
    finishOne();
}

QCoro::Task<> Session::change(Command command)
{
    const QPointer<Session> self(this);
    Service::Change what{ .room = command.room, .offset = command.offset, .by = m_user };
    auto changing = command.type == Type::Edit ? m_chat->service.edit({}, std::move(what), command.message)
                                               : m_chat->service.remove({}, std::move(what));
    const auto changed = co_await resultOf(std::move(changing));
    if (!self)
        co_return;
    if (!changed)
        refuse(command, changed.error());
    else
        send("acked", { { "message_offset"_L1, command.offset } }, command);
    finishOne();
}

QCoro::Task<> Session::markRead(Command command)
{
    const QPointer<Session> self(this);
    const auto standing = co_await resultOf(m_chat->service.markRead({}, command.room, m_user.name, command.offset));
    if (!self)
        co_return;
    if (!standing) {
        refuse(command, standing.error());
    } else if (const auto found = m_rooms.find(command.room); found != m_rooms.end()) {
        send("unread",
             { { "read"_L1, standing->readOffset },
               { "unread"_L1, standing->unread },
               { "mentions"_L1, standing->mentions } },
             command);
        if (m_chat->rooms->presentIn(command.room).count <= LiveRooms::mostTold)
            found->second->place.tell(events::read(command.room, m_user.name, standing->readOffset));
    }
    finishOne();
}

QCoro::Task<> Session::showHistory(Command command)
{
    const QPointer<Session> self(this);
    auto reading
        = m_chat->service.history({ .stop = m_stop.get_token() }, command.room,
                                  { .before = command.before, .after = command.after, .limit = command.limit });
    const auto history = co_await resultOf(std::move(reading));
    if (!self)
        co_return;
    if (history)
        send("history", history->toJson(), command);
    else
        refuse(command, history.error());
    finishOne();
}

void Session::send(const char *type, QJsonObject event, const Command &command)
{
    event.insert("type"_L1, QLatin1StringView(type));
    event.insert("room"_L1, command.room);
    if (!command.ref.isEmpty())
        event.insert("ref"_L1, command.ref);
    m_connection.sendText(QJsonDocument(event).toJson(QJsonDocument::Compact));
}

void Session::refuse(const Command &command, const Error &error)
{
    refuse(command, error, toString(command.type));
}

void Session::refuse(const Command &command, const Error &error, const QString &name)
{
    const bool isInternal = error.code() == Error::Code::Internal;
    if (isInternal)
        qCWarning(chatLog) << "a command could not be obeyed:" << error.internalMessage();
    QJsonObject refused{ { "command"_L1, name },
                         { "code"_L1, codeOf(error.code()) },
                         { "detail"_L1,
                           isInternal ? u"something went wrong here"_s : elided(error.message(), longestDetail) } };
    if (!command.clientId.isEmpty())
        refused.insert("client_id"_L1, command.clientId);
    if (const Decider *decider = error.decider())
        refused.insert("retry_after"_L1, std::chrono::duration<double>(decider->retryAfter).count());
    send("refused", refused, command);
}

} // namespace godwit::chat
