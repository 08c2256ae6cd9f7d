// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/roomsession.h"

#include <algorithm>

/// The half of RoomSession that hears what happens: resources/asyncapi.yaml, channel chatEvents.
namespace godwit::chat {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using models::PendingMessage;
using models::SendState;
using protocol::ChatCommand;
using protocol::ChatMessage;
using Type = ChatCommand::Type;

namespace {

/// After a refusal in passing that does not say when to come again.
constexpr auto comesAgainAfter = 5s;

qint64 numberOf(const QJsonObject &event, QLatin1StringView name)
{
    return event.value(name).toInteger();
}

QString textOf(const QJsonObject &event, QLatin1StringView name)
{
    return event.value(name).toString();
}

QStringList namesOf(const QJsonObject &event, QLatin1StringView name)
{
    QStringList names;
    const QJsonArray array = event.value(name).toArray();
    for (const auto &one : array)
        names.append(one.toString());
    return names;
}

/// When the same may be tried again; nothing: it would be refused again.
std::optional<std::chrono::milliseconds> retryTimeOf(const QJsonObject &refused)
{
    const QString code = textOf(refused, "code"_L1);
    if (refused.contains("retry_after"_L1)) {
        const std::chrono::duration<double> time(refused.value("retry_after"_L1).toDouble());
        return std::max(std::chrono::ceil<std::chrono::milliseconds>(time), std::chrono::milliseconds(50));
    }
    if (code == "unavailable"_L1 || code == "deadline_exceeded"_L1)
        return comesAgainAfter;
    return {};
}

} // namespace

void RoomSession::onStateChanged(const client::ConnectionState &state)
{
    if (state.isOnline()) {
        if (!m_session.isIdentified())
            m_session.identify();
        enter();
        return;
    }
    m_enterAgain.stop();
    m_sendAgain.stop();
    m_inFlight.clear();
    m_isTellingRead = false;
    m_hasToRepeatChanges = true;
    for (PendingMessage message : m_model.pending()) {
        if (message.state == SendState::Refused)
            continue;
        message.state = SendState::Waiting;
        message.problem.clear();
        update(message);
    }
    if (std::exchange(m_isJoined, false))
        m_here.forget();
}

void RoomSession::enter()
{
    if (m_epoch.isEmpty())
        m_link.send({ .type = Type::Join, .room = m_room });
    else
        m_link.send({ .type = Type::Recover, .room = m_room, .from = protocol::LogPosition{ m_epoch, m_position } });
}

void RoomSession::onEvent(const QString &type, const Event &event)
{
    static const QHash<QString, void (RoomSession::*)(const Event &)> handlers{
        { u"joined"_s, &RoomSession::onJoined },     { u"posted"_s, &RoomSession::onPosted },
        { u"edited"_s, &RoomSession::onChanged },    { u"deleted"_s, &RoomSession::onChanged },
        { u"acked"_s, &RoomSession::onAcked },       { u"refused"_s, &RoomSession::onRefused },
        { u"unread"_s, &RoomSession::onUnread },     { u"read"_s, &RoomSession::onRead },
        { u"presence"_s, &RoomSession::onPresence }, { u"typing"_s, &RoomSession::onTyping },
    };
    // `gap` comes before a `joined` that says the same, and `left` is what we have asked for. What else there may be
    // one day is none of ours.
    if (const auto handler = handlers.value(type))
        (this->*handler)(event);
}

void RoomSession::onJoined(const Event &event)
{
    const QByteArray epoch = textOf(event, "epoch"_L1).toLatin1();
    const bool isFirst = m_epoch.isEmpty();
    const bool isContinued = epoch == m_epoch && event.value("recovered"_L1).toBool();
    if (!isFirst && !isContinued) {
        if (epoch != m_epoch)
            m_model.setReadOffset(0);
        m_model.clear();
        m_needsPage = true;
    }
    if (!isContinued)
        ++m_history;
    m_epoch = epoch;
    m_position = numberOf(event, "offset"_L1);
    m_isJoined = m_isKnown = true;
    m_mayModerate = event.value("may_moderate"_L1).toBool();

    m_countedTo = numberOf(event, "last"_L1);
    m_toldRead = numberOf(event, "read"_L1);
    m_unread = static_cast<int>(numberOf(event, "unread"_L1));
    m_mentions = static_cast<int>(numberOf(event, "mentions"_L1));
    m_model.setReadOffset(std::max(m_model.readOffset(), m_toldRead));
    // What was said before we came for the first time is no news, unless it was said to us.
    if (isFirst && m_toldRead == 0 && m_mentions == 0)
        m_model.setReadOffset(m_countedTo);
    tellRead();
    m_here.set(namesOf(event, "users"_L1), static_cast<int>(numberOf(event, "online"_L1)));
    if (m_needsPage)
        loadNewest();
    else
        Q_EMIT caughtUp();
    sendNext();
    Q_EMIT presenceChanged();
    Q_EMIT messagesArrived();
}

void RoomSession::onPosted(const Event &event)
{
    const auto message = ChatMessage::fromJson(event);
    if (!message) {
        Q_EMIT failed(tr("The server sent something that is no message: %1").arg(message.error().message()));
        return;
    }
    m_position = std::max(m_position, message->offset);
    const bool isOthers = message->user != m_user;
    const bool mentionsUs = isOthers && message->mentions.contains(m_user, Qt::CaseInsensitive);
    const bool isNews = message->offset > m_model.readOffset();
    if (message->offset > m_countedTo && isNews) {
        m_unread += isOthers ? 1 : 0;
        m_mentions += mentionsUs ? 1 : 0;
    }
    m_here.stopsTyping(message->user);
    m_model.hear(*message);
    Q_EMIT messagesArrived();
    if (mentionsUs && isNews)
        Q_EMIT mentioned(message->user, message->message);
}

void RoomSession::onChanged(const Event &event)
{
    m_position = std::max(m_position, numberOf(event, "offset"_L1));
    if (isFetching())
        m_meanwhile.append(event);
    applyChange(event);
    Q_EMIT messagesArrived();
}

void RoomSession::applyChange(const Event &event)
{
    const qint64 offset = numberOf(event, "message_offset"_L1);
    if (textOf(event, "type"_L1) == "deleted"_L1)
        m_model.remove(offset);
    else
        m_model.edit(offset, textOf(event, "message"_L1), namesOf(event, "mentions"_L1),
                     fromRfc3339(textOf(event, "timestamp"_L1)).value_or(Timestamp()));
}

void RoomSession::onAcked(const Event &event)
{
    m_changes.removeIf([&](const ChatCommand &one) { return one.ref == textOf(event, "ref"_L1); });
    const QByteArray localId = textOf(event, "client_id"_L1).toLatin1();
    // The echo may have taken its row away, but only this says that it was this one.
    const auto message = m_outbox.message(localId);
    if (!message)
        return;
    m_model.confirm(localId,
                    { .id = numberOf(event, "id"_L1),
                      .room = m_room,
                      .offset = numberOf(event, "offset"_L1),
                      .user = m_user,
                      .message = message->text,
                      .timestamp = fromRfc3339(textOf(event, "timestamp"_L1)).value_or(message->queuedAt) });
    m_outbox.remove(localId);
    if (m_inFlight == localId)
        m_inFlight.clear();
    sendNext();
    Q_EMIT messagesArrived();
}

void RoomSession::onRefused(const Event &event)
{
    const QString command = textOf(event, "command"_L1);
    if (command == toString(Type::Post))
        return onPostRefused(event);
    const auto retry = retryTimeOf(event);
    if (command == toString(Type::Join) || command == toString(Type::Recover)) {
        if (m_isJoined)
            return; // it was there already
        if (retry)
            m_enterAgain.start(*retry);
        Q_EMIT failed(tr("%1 cannot be joined: %2").arg(m_room, textOf(event, "detail"_L1)));
    } else if (command == toString(Type::Read)) {
        m_isTellingRead = false;
        m_toldRead = 0; // with the next message that is seen
    } else if (command == toString(Type::Edit) || command == toString(Type::Delete)) {
        onChangeRefused(event);
    }
}

void RoomSession::onChangeRefused(const Event &event)
{
    const QString ref = textOf(event, "ref"_L1);
    const auto found
        = std::find_if(m_changes.cbegin(), m_changes.cend(), [&ref](const ChatCommand &one) { return one.ref == ref; });
    if (found == m_changes.cend())
        return;
    const ChatCommand refused = m_changes.takeAt(found - m_changes.cbegin());
    if (refused.type == Type::Delete) {
        const ChatMessage *const message = m_model.message(refused.offset);
        if (message && !message->isDeleted && textOf(event, "code"_L1) != "conflict"_L1)
            Q_EMIT failed(tr("The message was not deleted: %1").arg(textOf(event, "detail"_L1)));
        return;
    }
    Q_EMIT failed(tr("The message was not changed: %1").arg(textOf(event, "detail"_L1)));
    Q_EMIT editRefused(refused.offset, refused.message);
}

void RoomSession::onPostRefused(const Event &event)
{
    const QByteArray localId = textOf(event, "client_id"_L1).toLatin1();
    if (m_inFlight == localId)
        m_inFlight.clear();
    auto message = m_outbox.message(localId);
    if (!message)
        return;
    m_model.addPending(*message); // if what looked like its echo was that of another
    const auto retry = retryTimeOf(event);
    message->state = retry ? SendState::Waiting : SendState::Refused;
    message->problem = textOf(event, "detail"_L1);
    update(*message);
    if (retry)
        m_sendAgain.start(*retry);
    sendNext();
    Q_EMIT messagesArrived();
}

void RoomSession::onUnread(const Event &event)
{
    m_isTellingRead = false;
    m_unread = static_cast<int>(numberOf(event, "unread"_L1));
    m_mentions = static_cast<int>(numberOf(event, "mentions"_L1));
    m_countedTo = std::max(m_countedTo, m_position);
    tellRead();
    Q_EMIT messagesArrived();
}

/// Of others nothing is shown; of ourselves it is another window of ours.
void RoomSession::onRead(const Event &event)
{
    const qint64 offset = numberOf(event, "offset"_L1);
    if (textOf(event, "user"_L1) != m_user || offset <= m_model.readOffset())
        return;
    m_toldRead = std::max(m_toldRead, offset);
    m_model.setReadOffset(offset);
    Q_EMIT messagesArrived();
}

void RoomSession::onPresence(const Event &event)
{
    const QString user = textOf(event, "user"_L1);
    const auto count = static_cast<int>(numberOf(event, "count"_L1));
    if (textOf(event, "state"_L1) == "online"_L1)
        m_here.came(user, count);
    else
        m_here.left(user, count);
}

void RoomSession::onTyping(const Event &event)
{
    m_here.types(textOf(event, "user"_L1));
}

} // namespace godwit::chat
