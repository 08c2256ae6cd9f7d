// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/roomsession.h"

#include <QPointer>

/// The half of RoomSession that says something; what it hears is in roomsessionevents.cpp.
namespace godwit::chat {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using models::PendingMessage;
using models::SendState;
using protocol::ChatCommand;
using protocol::ChatMessage;
using Type = ChatCommand::Type;

/// Between two times that the others are told that we write.
static constexpr auto typingInterval = 3s;
/// After something was said; the server takes no more.
static constexpr auto typingPause = 1s;

QString normalizedName(const QString &name)
{
    return name.trimmed().normalized(QString::NormalizationForm_C);
}

RoomSession::RoomSession(net::Session &session, ChatLink &link, Outbox &outbox, const QString &room,
                         const QString &user, QObject *parent)
    : QObject(parent),
      m_session(session),
      m_link(link),
      m_outbox(outbox),
      m_room(normalizedName(room)),
      m_user(normalizedName(user)),
      m_here(m_user)
{
    m_model.setOwnUser(m_user);
    for (const PendingMessage &message : m_outbox.messages(m_room, m_user))
        m_model.addPending(message);
    m_sendAgain.setSingleShot(true);
    m_enterAgain.setSingleShot(true);
    connect(&m_sendAgain, &QTimer::timeout, this, &RoomSession::sendNext);
    connect(&m_enterAgain, &QTimer::timeout, this, &RoomSession::enter);
    connect(&m_here, &WhoIsHere::changed, this, &RoomSession::presenceChanged);
    connect(&m_here, &WhoIsHere::typingChanged, this, &RoomSession::presenceChanged);
    connect(&m_link.connection(), &client::Socket::stateChanged, this, &RoomSession::onStateChanged);
    connect(&m_link, &ChatLink::happened, this, [this](const QString &where, const QString &type, const Event &event) {
        if (where == m_room)
            onEvent(type, event);
    });
    connect(&m_session, &net::Session::identified, this, &RoomSession::sendNext);
    enter();
}

void RoomSession::leave()
{
    m_enterAgain.stop();
    m_link.send({ .type = Type::Leave, .room = m_room });
}

/// Whether the server knows us by another name than this room was joined under: whoever shows it is about to follow.
bool RoomSession::isAnothers() const
{
    return m_session.isNamed() && normalizedName(m_session.user()) != m_user;
}

bool RoomSession::isReady() const
{
    return m_isJoined && m_session.isIdentified() && !isAnothers();
}

Result<void> RoomSession::checkText(const QString &text)
{
    if (text.isEmpty())
        return failure(Error::Code::InvalidArgument, tr("There is nothing to send"));
    if (text.toUtf8().size() > messageLimitBytes)
        return failure(Error::Code::PayloadTooLarge,
                       tr("A message can have at most %1 KiB; this one is longer").arg(messageLimitBytes / 1024));
    return {};
}

Result<void> RoomSession::post(const QString &text)
{
    const QString trimmed = text.trimmed();
    if (const auto good = checkText(trimmed); !good)
        return good;
    const auto message = m_outbox.add(m_room, m_user, trimmed);
    if (!message)
        return failure(Error::Code::ResourceExhausted, tr("%L1 messages wait to be sent already").arg(Outbox::limit));
    m_model.addPending(*message);
    if (!m_outbox.problem().isEmpty())
        Q_EMIT failed(m_outbox.problem());
    m_typedAt = Clock::system().now() - (typingInterval - typingPause);
    sendNext();
    Q_EMIT messagesArrived();
    return {};
}

/// What is under way looks as sent, although only the first of it is: the next follow within moments.
void RoomSession::sendNext()
{
    if (!isReady())
        return;
    sendChanges();
    const QList<PendingMessage> all = m_model.pending();
    for (PendingMessage message : all) {
        const bool waitsForTheServer = m_sendAgain.isActive() && !message.problem.isEmpty();
        if (message.state == SendState::Waiting && !waitsForTheServer) {
            message.state = SendState::Sending;
            update(message);
        }
    }
    if (!m_inFlight.isEmpty() || m_sendAgain.isActive())
        return;
    for (PendingMessage message : m_model.pending()) {
        if (message.state != SendState::Sending)
            continue;
        // On the disk as sent before it is: it must never go out under another name as well.
        message.wasSent = true;
        update(message);
        if (m_link.send({ .type = Type::Post,
                          .room = m_room,
                          .clientId = QString::fromLatin1(message.localId),
                          .message = message.text }))
            m_inFlight = message.localId;
        return;
    }
}

void RoomSession::resend(const QByteArray &localId)
{
    if (auto message = m_model.pending(localId)) {
        message->state = SendState::Waiting;
        message->problem.clear();
        update(*std::move(message));
    }
    sendNext();
}

void RoomSession::discard(const QByteArray &localId)
{
    m_model.removePending(localId);
    m_outbox.remove(localId);
    Q_EMIT messagesArrived();
}

void RoomSession::update(const PendingMessage &message)
{
    m_model.updatePending(message);
    m_outbox.update(message);
}

Result<void> RoomSession::edit(qint64 offset, const QString &text)
{
    const QString trimmed = text.trimmed();
    if (const auto good = checkText(trimmed); !good)
        return good;
    const ChatMessage *const message = m_model.message(offset);
    if (message && message->message == trimmed)
        return {};
    return change({ .type = Type::Edit, .room = m_room, .message = trimmed, .offset = offset });
}

Result<void> RoomSession::remove(qint64 offset)
{
    return change({ .type = Type::Delete, .room = m_room, .offset = offset });
}

Result<void> RoomSession::change(ChatCommand command)
{
    if (!isReady())
        return failure(Error::Code::Unavailable, tr("There is no connection to %1 now").arg(m_room));
    command.ref = u"change-%1"_s.arg(++m_changeCount);
    m_link.send(command);
    m_changes.append(std::move(command));
    return {};
}

/// Once more what a cut has left unanswered: an edit ends the same, and what was deleted is.
void RoomSession::sendChanges()
{
    if (!std::exchange(m_hasToRepeatChanges, false))
        return;
    for (const ChatCommand &command : std::as_const(m_changes))
        m_link.send(command);
}

void RoomSession::markRead()
{
    // Not beyond what was heard: a message of our own may be known before those of others that stand before it.
    const qint64 seen = std::min(m_model.lastOffset(), m_position);
    if (seen <= m_model.readOffset())
        return;
    m_model.setReadOffset(seen);
    tellRead();
}

/// One at a time, so that a lively room is not answered by as many commands.
void RoomSession::tellRead()
{
    if (!m_isJoined || m_isTellingRead || isAnothers() || m_model.readOffset() <= m_toldRead)
        return;
    m_isTellingRead = m_link.send({ .type = Type::Read, .room = m_room, .offset = m_model.readOffset() });
    if (m_isTellingRead)
        m_toldRead = m_model.readOffset();
}

int RoomSession::unread() const
{
    return m_model.holdsAllUnread() ? m_model.unreadCount() : m_unread;
}

int RoomSession::mentions() const
{
    return m_model.holdsAllUnread() ? m_model.mentionCount() : m_mentions;
}

void RoomSession::tellTyping()
{
    const TimePoint now = Clock::system().now();
    if (!isReady() || now - m_typedAt < typingInterval)
        return;
    m_typedAt = now;
    m_link.send({ .type = Type::Typing, .room = m_room });
}

QCoro::Task<Result<RoomSession::Page>> RoomSession::fetchPage(qint64 before)
{
    const QPointer<RoomSession> self = this;
    QUrlQuery query{ { u"limit"_s, QString::number(pageSize) } };
    if (before > 0)
        query.addQueryItem(u"before"_s, QString::number(before));
    countFetch(+1);
    const Result<client::Answer> answer = co_await m_session.api().get(u"/api/rooms/%1/messages"_s.arg(m_room), query);
    if (!self)
        co_return Failure(Error::cancelled());
    if (!answer)
        co_return Failure(answer.error());
    Page page{ .messages = {}, .hasOlder = !answer->object().value("next"_L1).isNull() };
    const QJsonArray items = answer->object().value("items"_L1).toArray();
    for (const auto &item : items) {
        const Result<ChatMessage> message = ChatMessage::fromJson(item.toObject());
        if (!message)
            co_return Failure(message.error());
        page.messages.append(*message);
    }
    co_return page;
}

QCoro::Task<> RoomSession::loadNewest()
{
    const QPointer<RoomSession> self = this;
    const int history = m_history;
    Result<Page> page = co_await fetchPage(0);
    if (!self)
        co_return;
    // A room exists from its first message on.
    if (!page && page.error().code() == Error::Code::NotFound)
        page = Page{};
    if (!page)
        Q_EMIT failed(tr("The history of %1 could not be read: %2").arg(m_room, page.error().message()));
    if (page && history == m_history) {
        takePage(*std::move(page));
        m_needsPage = false;
    }
    countFetch(-1);
    if (history == m_history)
        Q_EMIT caughtUp();
    Q_EMIT messagesArrived();
}

void RoomSession::fetchOlder()
{
    if (m_model.canLoadOlder() && !isFetching())
        loadOlder();
}

QCoro::Task<> RoomSession::loadOlder()
{
    const QPointer<RoomSession> self = this;
    const int history = m_history;
    const qint64 before = m_model.firstOffset();
    Result<Page> page = co_await fetchPage(before);
    if (!self)
        co_return;
    if (!page)
        Q_EMIT failed(tr("Older messages could not be read: %1").arg(page.error().message()));
    else if (history == m_history && before == m_model.firstOffset()) // else it does not follow on what is held
        takePage(*std::move(page));
    countFetch(-1);
    Q_EMIT messagesArrived();
}

void RoomSession::takePage(Page page)
{
    m_model.setHasOlder(page.hasOlder);
    m_model.insert(std::move(page.messages));
    for (const Event &event : std::as_const(m_meanwhile))
        applyChange(event);
}

void RoomSession::countFetch(int by)
{
    m_fetches += by;
    if (m_fetches == 0)
        m_meanwhile.clear();
    Q_EMIT fetchingChanged();
}

} // namespace godwit::chat
