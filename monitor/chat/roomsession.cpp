// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/roomsession.h"

#include "shared/core/jsonreader.h"
#include "shared/protocol/routes.h"

#include <QPointer>

#include <algorithm>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using models::ChatGap;
using models::PendingMessage;
using models::SendState;
using protocol::ChatMessage;

QString normalizedName(const QString &name)
{
    return name.trimmed().normalized(QString::NormalizationForm_C);
}

RoomSession::RoomSession(net::Session &session, Outbox &outbox, const QString &room, const QString &user,
                         QObject *parent)
    : QObject(parent),
      m_session(session),
      m_outbox(outbox),
      m_room(normalizedName(room)),
      m_user(normalizedName(user))
{
    m_model.setOwnUser(m_user);
    for (const PendingMessage &message : m_outbox.messages(m_room, m_user))
        m_model.addPending(message);
    connect(&m_model, &models::ChatModel::confirmed, this,
            [this](const QByteArray &localId) { m_outbox.remove(localId); });

    const QUrlQuery query{ { u"room"_s, QString::fromLatin1(QUrl::toPercentEncoding(m_room)) },
                           { u"user"_s, QString::fromLatin1(QUrl::toPercentEncoding(m_user)) } };
    m_socket = m_session.socket(QString::fromLatin1(protocol::routes::chatSocket), query);
    connect(m_socket.get(), &client::Socket::stateChanged, this, &RoomSession::onStateChanged);
    connect(m_socket.get(), &client::Socket::received, this, &RoomSession::onReceived);
    connect(&m_session, &net::Session::identified, this, &RoomSession::getReady);
}

RoomSession::~RoomSession()
{
    m_socket->disconnect(this);
}

void RoomSession::onStateChanged(const client::ConnectionState &state)
{
    if (state.isOnline()) {
        ++m_connections;
        if (!m_session.isIdentified())
            m_session.identify();
        catchUp();
        return;
    }
    m_isReady = m_hasCaughtUp = false;
    for (const PendingMessage &message : m_model.pending()) {
        if (message.state == SendState::Sending)
            setState(message.localId, SendState::Unconfirmed);
    }
}

void RoomSession::onReceived(const QString &text)
{
    const auto json = parseJsonObject(text.toUtf8());
    const auto message = json.and_then(ChatMessage::fromJson);
    if (!message) {
        Q_EMIT failed(tr("The server sent something that is no message: %1").arg(message.error().message()));
        return;
    }
    m_model.insert({ *message });
    Q_EMIT messagesArrived();
}

QCoro::Task<Result<QList<ChatMessage>>> RoomSession::fetchPage(qint64 before, int limit)
{
    const QPointer<RoomSession> self = this;
    QUrlQuery query{ { u"limit"_s, QString::number(limit) } };
    if (before > 0)
        query.addQueryItem(u"before"_s, QString::number(before));
    countFetch(+1);
    const Result<client::Answer> answer = co_await m_session.api().get(u"/api/rooms/%1/messages"_s.arg(m_room), query);
    if (!self)
        co_return Failure(Error::cancelled());
    countFetch(-1);
    if (!answer)
        co_return Failure(answer.error());
    QList<ChatMessage> messages;
    const QJsonArray items = answer->object().value("items"_L1).toArray();
    for (const auto &item : items) {
        const Result<ChatMessage> message = ChatMessage::fromJson(item.toObject());
        if (!message)
            co_return Failure(message.error());
        messages.append(*message);
    }
    co_return messages;
}

/// The newest page after each new connection: what was missed, and what arrived of that which is unconfirmed.
QCoro::Task<> RoomSession::catchUp()
{
    const QPointer<RoomSession> self = this;
    const int connection = m_connections;
    const qint64 known = m_model.lastOffset();
    const Result<QList<ChatMessage>> page = co_await fetchPage(0, pageSize);
    if (!self || connection != m_connections || !m_socket->isOnline())
        co_return;
    // A room exists from its first message on.
    m_isKnown = m_isKnown || page || page.error().code() == Error::Code::NotFound;
    if (page) {
        const qint64 newest
            = page->isEmpty() ? 0 : std::max_element(page->cbegin(), page->cend(), [](auto &a, auto &b) {
                                        return a.offset < b.offset;
                                    })->offset;
        if (newest < known)
            m_model.clear(); // the room was started over
        m_model.insert(*page);
    } else if (page.error().code() != Error::Code::NotFound) {
        Q_EMIT failed(tr("The history of %1 could not be read: %2").arg(m_room, page.error().message()));
    }
    m_hasCaughtUp = true;
    Q_EMIT caughtUp();
    getReady();
    Q_EMIT messagesArrived();
}

/// Whether the server knows us by another name than this room was joined under: whoever shows it is about to follow.
bool RoomSession::isAnothers() const
{
    return m_session.isNamed() && normalizedName(m_session.user()) != m_user;
}

void RoomSession::getReady()
{
    if (m_isReady || !m_hasCaughtUp || !m_session.isIdentified() || isAnothers())
        return;
    m_isReady = true;
    sendWaiting();
}

Result<void> RoomSession::post(const QString &text)
{
    const QString trimmed = text.trimmed();
    if (trimmed.isEmpty())
        return failure(Error::Code::InvalidArgument, tr("There is nothing to send"));
    if (trimmed.toUtf8().size() > messageLimitBytes)
        return failure(Error::Code::PayloadTooLarge,
                       tr("A message can have at most %1 KiB; this one is longer").arg(messageLimitBytes / 1024));
    const auto message = m_outbox.add(m_room, m_user, trimmed);
    if (!message)
        return failure(Error::Code::ResourceExhausted, tr("%L1 messages wait to be sent already").arg(Outbox::limit));
    m_model.addPending(*message);
    if (!m_outbox.problem().isEmpty())
        Q_EMIT failed(m_outbox.problem());
    if (m_isReady)
        send(*message);
    Q_EMIT messagesArrived();
    return {};
}

void RoomSession::send(const PendingMessage &message)
{
    m_model.setSent(message.localId);
    // On the disk as sent before it is: after a crash in between it is doubtful, and never sent twice unasked.
    for (const PendingMessage &pending : m_model.pending()) {
        if (pending.localId == message.localId)
            m_outbox.update(pending);
    }
    if (!m_socket->send(message.text))
        setState(message.localId, SendState::Waiting);
}

void RoomSession::sendWaiting()
{
    for (const PendingMessage &message : m_model.pending()) {
        if (message.state == SendState::Waiting)
            send(message);
    }
}

void RoomSession::resend(const QByteArray &localId)
{
    setState(localId, SendState::Waiting);
    if (m_isReady)
        sendWaiting();
}

void RoomSession::discard(const QByteArray &localId)
{
    m_model.removePending(localId);
    m_outbox.remove(localId);
}

void RoomSession::setState(const QByteArray &localId, SendState state)
{
    m_model.setPendingState(localId, state);
    for (const PendingMessage &message : m_model.pending()) {
        if (message.localId == localId)
            m_outbox.update(message);
    }
}

void RoomSession::fetchOlder()
{
    if (m_model.canLoadOlder() && !m_isLoadingOlder)
        loadOlder();
}

QCoro::Task<> RoomSession::loadOlder()
{
    const QPointer<RoomSession> self = this;
    m_isLoadingOlder = true;
    const Result<QList<ChatMessage>> page = co_await fetchPage(m_model.firstOffset(), pageSize);
    if (!self)
        co_return;
    m_isLoadingOlder = false;
    if (!page) {
        Q_EMIT failed(tr("Older messages could not be read: %1").arg(page.error().message()));
        co_return;
    }
    m_model.insert(*page);
    Q_EMIT messagesArrived();
}

void RoomSession::fetchGap(qint64 first)
{
    for (const ChatGap &gap : m_model.gaps()) {
        if (gap.first == first && gap.state == ChatGap::State::Missing)
            fillGap(first);
    }
}

QCoro::Task<> RoomSession::fillGap(qint64 first)
{
    const QPointer<RoomSession> self = this;
    const QList<ChatGap> gaps = m_model.gaps();
    const auto gap
        = std::find_if(gaps.cbegin(), gaps.cend(), [first](const ChatGap &each) { return each.first == first; });
    if (gap == gaps.cend())
        co_return;
    const qint64 last = gap->last;
    m_model.setGapState(first, ChatGap::State::Fetching);
    const int limit = static_cast<int>(qMin<qint64>(last - first + 1, pageSize));
    Result<QList<ChatMessage>> page = co_await fetchPage(last + 1, limit);
    if (!self)
        co_return;
    if (!page) {
        m_model.setGapState(first, ChatGap::State::Missing);
        Q_EMIT failed(tr("The missing messages could not be read: %1").arg(page.error().message()));
        co_return;
    }
    page->removeIf([first](const ChatMessage &message) { return message.offset < first; });
    if (page->isEmpty())
        m_model.setGapState(first, ChatGap::State::Gone);
    m_model.insert(*page);
    Q_EMIT messagesArrived();
}

void RoomSession::countFetch(int by)
{
    m_fetches += by;
    Q_EMIT fetchingChanged();
}

} // namespace godwit::chat
