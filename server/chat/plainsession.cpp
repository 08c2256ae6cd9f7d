// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/plainsession.h"

#include "server/chat/events.h"
#include "server/chat/names.h"
#include "server/websocket/frame.h"
#include "shared/async/sleep.h"
#include "shared/protocol/topics.h"

#include <QLoggingCategory>
#include <QPointer>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using websocket::CloseCode;
using websocket::WsConnection;

Q_DECLARE_LOGGING_CATEGORY(chatLog)

PlainSession::PlainSession(WsConnection &connection, std::shared_ptr<Chat> chat, const QString &room,
                           protocol::Principal user)
    : QObject(&connection),
      m_connection(connection),
      m_chat(std::move(chat)),
      m_room(room),
      m_user(std::move(user)),
      m_place(m_chat->rooms, m_room, m_user.name, LiveRooms::Kind::Plain)
{
    connect(&connection, &WsConnection::textReceived, this, &PlainSession::receive);
    connect(&connection, &WsConnection::binaryReceived, this,
            [this] { m_connection.close(CloseCode::UnsupportedData, u"messages are text"_s); });
    connect(&connection, &WsConnection::closed, this, &QObject::deleteLater);
    join();
}

PlainSession::~PlainSession()
{
    m_stop.request_stop();
    // What was sent is stored, even if its sender has left.
    for (const QString &text : std::as_const(m_waiting))
        m_chat->service.post({}, { .room = m_room, .user = m_user.name, .text = text, .userId = m_user.userId });
}

/// From now on; what the client writes meanwhile waits, so that it will see that too.
QCoro::Task<> PlainSession::join()
{
    const QPointer<PlainSession> self(this);
    log::EventLog::Reader reader;
    reader.begin = [](const log::EventLog::Start &) { };
    reader.take = [this, self](const QList<log::EventPointer> &events) {
        if (!self)
            return false;
        for (const log::EventPointer &event : events)
            if (const QByteArray plain = events::plainPart(event->data); !plain.isEmpty())
                m_connection.sendText(plain);
        return m_connection.isOpen();
    };
    reader.join = [this, self] {
        if (self)
            m_place.join(m_connection);
    };
    try {
        const async::Context context{ .stop = m_stop.get_token() };
        auto opening = m_chat->service.events().open(context, protocol::topics::ofRoom(m_room));
        auto topic = co_await std::move(opening);
        if (!self)
            co_return;
        m_topic = std::move(topic);
        m_chat->rooms->listenTo(m_room, *m_topic);
        auto following = m_chat->service.events().follow(context, m_topic, {}, std::move(reader));
        co_await std::move(following);
    } catch (const Error &error) {
        if (self)
            m_connection.closeFor(error);
        co_return;
    }
    if (!self)
        co_return;
    m_isJoined = true;
    sendWaiting();
}

void PlainSession::receive(const QString &text)
{
    if (!m_user.may(protocol::Role::Member))
        return m_connection.closeFor(Error(Error::Code::PermissionDenied, u"to write needs the role member"_s));
    if (const auto valid = checkMessage(text); !valid)
        return m_connection.closeFor(valid.error());
    if (++m_inFlight == maxInFlight)
        m_connection.setReading(false);
    m_waiting.append(text);
    if (m_isJoined && !m_isSending)
        sendWaiting();
}

/// Who writes faster than he may is not refused but waited for: without a subprotocol nothing could say so.
QCoro::Task<> PlainSession::sendWaiting()
{
    const QPointer<PlainSession> self(this);
    m_isSending = true;
    while (!m_waiting.isEmpty()) {
        if (m_chat->limiter) {
            const auto decision = m_chat->limiter->take(limiterKey(m_user), std::chrono::steady_clock::now());
            if (!decision.isAllowed) {
                const auto span = std::chrono::ceil<std::chrono::milliseconds>(decision.retryAfter);
                try {
                    auto pause = async::sleepFor({ .stop = m_stop.get_token() }, span);
                    co_await std::move(pause);
                } catch (const Error &) {
                    co_return; // it has left, and what waits with it
                }
                if (!self)
                    co_return;
                continue;
            }
        }
        post(m_waiting.takeFirst());
    }
    m_isSending = false;
}

/// Without the connection's token: a message that was sent is stored, even if its sender leaves meanwhile.
QCoro::Task<> PlainSession::post(QString text)
{
    const QPointer<PlainSession> self(this);
    // Made before the co_await: GCC 12 destroys braced temporaries in such an expression twice.
    auto posted = m_chat->service.post(
        {}, { .room = m_room, .user = m_user.name, .text = std::move(text), .userId = m_user.userId });
    std::optional<Error> failure;
    try {
        co_await std::move(posted);
    } catch (const Error &error) {
        failure = error;
    } catch (const std::exception &exception) {
        failure = Error::internal(QString::fromUtf8(exception.what()));
    }
    if (failure && failure->code() == Error::Code::Internal)
        qCWarning(chatLog) << "a message could not be stored:" << failure->internalMessage();
    if (!self)
        co_return;
    if (m_inFlight-- == maxInFlight)
        m_connection.setReading(true);
    if (failure)
        m_connection.closeFor(*failure);
}

} // namespace godwit::chat
