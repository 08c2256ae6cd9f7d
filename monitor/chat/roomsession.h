// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/chat/chatlink.h"
#include "monitor/chat/outbox.h"
#include "monitor/chat/whoishere.h"
#include "monitor/models/chatmodel.h"

#include <QObject>

namespace godwit::chat {

/// The spelling of a room's or user's name that the server answers with, so that echoes are known by it.
QString normalizedName(const QString &name);

/// One room that we are in: what happens there, its history, and what is still to be said there.
///
/// After a cut the server tells what was missed, from where we stood; if it cannot, what is held is dropped and the
/// newest page read, so that no hole is ever passed over. A message goes out with its own name (client_id) until it is
/// acknowledged, one after the other: a second copy is posted once, and their order is that of writing. Nothing is sent
/// before the server has said who we are: what was written under one name must not go out under another.
class RoomSession : public QObject
{
    Q_OBJECT

public:
    static constexpr int pageSize = 50;
    /// Bytes of UTF-8: what the server takes, too.
    static constexpr qsizetype messageLimitBytes = 64 * 1024;

    /// @p session, @p link and @p outbox must outlive it.
    RoomSession(net::Session &session, ChatLink &link, Outbox &outbox, const QString &room, const QString &user,
                QObject *parent = nullptr);

    const QString &room() const { return m_room; }
    models::ChatModel &model() { return m_model; }
    const WhoIsHere &here() const { return m_here; }
    client::Socket &connection() { return m_link.connection(); }
    /// Whether we are in the room now, and hear what happens there.
    bool isJoined() const { return m_isJoined; }
    /// Whether the server was ever heard: an empty model says nothing before that.
    bool isKnown() const { return m_isKnown; }
    bool isFetching() const { return m_fetches > 0; }
    bool mayModerate() const { return m_mayModerate; }

    void leave();

    /// Sends @p text, or keeps it until that is possible.
    /// Failure: empty, too long, or the outbox is full.
    Result<void> post(const QString &text);
    /// Sends what is SendState::Refused once more.
    void resend(const QByteArray &localId);
    void discard(const QByteArray &localId);

    /// Changes a message that is there. Failure: no such text, or we are not in the room.
    Result<void> edit(qint64 offset, const QString &text);
    Result<void> remove(qint64 offset);

    /// All that is here has been seen.
    void markRead();
    /// Messages of others behind the read offset, and those of them that mention us.
    int unread() const;
    int mentions() const;

    /// Tells the others that something is being written; as often as is useful.
    void tellTyping();
    /// Asks for the page before the first message, if there is one.
    void fetchOlder();

Q_SIGNALS:
    /// After each connection, once what is needed of the history is here (or could not be had).
    void caughtUp();
    /// Something was said, changed or read.
    void messagesArrived();
    /// Another has just said something that mentions us.
    void mentioned(const QString &user, const QString &text);
    /// Who is here, who writes, or whether we are here.
    void presenceChanged();
    void fetchingChanged();
    void failed(const QString &text);
    /// An edit was refused; @p text is what was to stand there.
    void editRefused(qint64 offset, const QString &text);

private:
    struct Page
    {
        QList<protocol::ChatMessage> messages;
        bool hasOlder = false;
    };
    using Event = QJsonObject;

    QCoro::Task<Result<Page>> fetchPage(qint64 before);
    QCoro::Task<> loadNewest();
    QCoro::Task<> loadOlder();
    void takePage(Page page);
    void countFetch(int by);

    void onStateChanged(const client::ConnectionState &state);
    void enter();
    void onEvent(const QString &type, const Event &event);
    void onJoined(const Event &event);
    void onPosted(const Event &event);
    void onChanged(const Event &event);
    void applyChange(const Event &event);
    void onAcked(const Event &event);
    void onRefused(const Event &event);
    void onPostRefused(const Event &event);
    void onChangeRefused(const Event &event);
    void onUnread(const Event &event);
    void onRead(const Event &event);
    void onPresence(const Event &event);
    void onTyping(const Event &event);

    bool isAnothers() const;
    bool isReady() const;
    void sendNext();
    void sendChanges();
    Result<void> change(protocol::ChatCommand command);
    static Result<void> checkText(const QString &text);
    void update(const models::PendingMessage &message);
    void tellRead();

    net::Session &m_session;
    ChatLink &m_link;
    Outbox &m_outbox;
    const QString m_room, m_user;
    models::ChatModel m_model;
    WhoIsHere m_here;

    QByteArray m_epoch; // of the offsets; empty: never joined
    qint64 m_position = 0; // of the last event that was heard
    int m_history = 0; // counts what was begun anew, so that a page of a former one is known
    QList<Event> m_meanwhile; // edits and deletes heard while a page was on its way, which may be older
    int m_fetches = 0;
    bool m_needsPage = true; // the newest, which is not here yet
    bool m_isJoined = false, m_isKnown = false, m_mayModerate = false;

    QByteArray m_inFlight; // the localId of what was sent and not answered
    QList<protocol::ChatCommand> m_changes; // edits and deletes that were not answered
    int m_changeCount = 0;
    bool m_hasToRepeatChanges = false;
    QTimer m_sendAgain, m_enterAgain;

    qint64 m_toldRead = 0;
    bool m_isTellingRead = false;
    qint64 m_countedTo = 0; // m_unread and m_mentions are of messages up to here, and those heard since
    int m_unread = 0, m_mentions = 0;
    TimePoint m_typedAt{};
};

} // namespace godwit::chat
