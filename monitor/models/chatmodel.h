// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/chat.h"

#include <QAbstractListModel>
#include <QByteArray>
#include <QList>

#include <variant>
#include <vector>

namespace godwit::models {

/// How far a message of our own has come. Without a client id on the wire only its echo proves that it arrived.
enum class SendState {
    Confirmed, ///< has an offset: it is stored
    Waiting, ///< in the outbox, never written to a socket
    Sending, ///< written, the echo has not come yet
    Unconfirmed, ///< the link broke between writing and echo: it may have arrived or not
    Refused, ///< the server did not want it
};

/// A message of our own that has no offset yet.
struct PendingMessage
{
    QByteArray localId; ///< unique in this program's outbox
    QString text;
    Timestamp queuedAt{};
    qint64 afterOffset = 0; ///< the newest offset known when it was written; its echo has a higher one
    SendState state = SendState::Waiting;

    bool operator==(const PendingMessage &) const = default;
};

/// Offsets that others have and we have not.
struct ChatGap
{
    enum class State {
        Missing,
        Fetching,
        Gone, ///< asked for, and the server has them no longer
    };

    qint64 first = 0, last = 0;
    State state = State::Missing;

    qint64 count() const { return last - first + 1; }
    bool operator==(const ChatGap &) const = default;
};

using ChatRow = std::variant<protocol::ChatMessage, ChatGap, PendingMessage>;

/// One room: its messages by offset, a row for each gap between them, and after them what we have not been able to
/// send. A message that is held already is ignored, so live messages and pages of history may overlap as they like.
///
/// Holds at most `maximum` messages: new ones push out the oldest, and history beyond is not taken in.
class ChatModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum class RowKind { Message, Gap, Pending };
    enum Role {
        KindRole = Qt::UserRole, ///< RowKind
        UserRole,
        TextRole, ///< as it was written; DisplayRole has the whole row as one line for screen readers
        TimeRole, ///< QDateTime, local
        OwnRole, ///< bool
        StateRole, ///< SendState
        OffsetRole, ///< qint64; of a gap its first
        LocalIdRole, ///< QByteArray, of a pending row
        GapCountRole, ///< qint64
        GapStateRole, ///< ChatGap::State
        StartsDayRole, ///< bool: the first row of its local day
        StartsGroupRole, ///< bool: another writer than in the row before, or long after it
        StartsUnreadRole, ///< bool: the first message of others after the unread mark
    };

    explicit ChatModel(int maximum = 2000, QObject *parent = nullptr);

    /// Rows by @p user are our own. Echoes are matched with pending rows by it.
    void setOwnUser(const QString &user);
    const QString &ownUser() const { return m_ownUser; }

    void insert(QList<protocol::ChatMessage> messages);
    void clear();

    void addPending(PendingMessage message);
    void setPendingState(const QByteArray &localId, SendState state);
    /// Writes down what was known when it was written to the socket, and makes it SendState::Sending.
    void setSent(const QByteArray &localId);
    void removePending(const QByteArray &localId);
    QList<PendingMessage> pending() const;

    /// Messages up to @p offset have been seen.
    void setReadOffset(qint64 offset);
    qint64 readOffset() const { return m_readOffset; }
    /// Of others, after the read offset, among those held.
    int unreadCount() const;
    /// Where "new" is drawn: after @p offset. It stays while what comes after it is read. 0: nowhere.
    void setUnreadMark(qint64 offset);
    qint64 unreadMark() const { return m_unreadMark; }

    qint64 firstOffset() const; ///< 0: no message held
    qint64 lastOffset() const; ///< 0: no message held
    /// Whether a page of history before firstOffset() exists and would be taken in.
    bool canLoadOlder() const;

    QList<ChatGap> gaps() const;
    void setGapState(qint64 first, ChatGap::State state);

    int messageCount() const { return m_messages; }
    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

Q_SIGNALS:
    /// The echo of @p localId came: its pending row is gone, the message stands at @p offset.
    void confirmed(const QByteArray &localId, qint64 offset);
    /// Another message stands at an offset that we hold: the room was started over, and what was held is dropped.
    void restarted();

private:
    using Index = std::vector<ChatRow>::size_type;

    void insertOne(const protocol::ChatMessage &message);
    void placeBefore(Index row, const protocol::ChatMessage &message);
    void splitGap(Index row, const protocol::ChatMessage &message);
    void insertRow(Index row, ChatRow value);
    void eraseRow(Index row);
    void followerChanged(Index row);
    void trim();
    void confirmPending(const protocol::ChatMessage &message);
    bool offsetIsHeld(qint64 offset) const;
    std::vector<ChatRow>::iterator findPending(const QByteArray &localId);
    bool startsDay(Index row) const;
    bool startsGroup(Index row) const;
    bool startsUnread(Index row) const;
    bool isOfOthersAfter(const ChatRow &row, qint64 offset) const;
    /// Of a stored row; a gap's last one.
    static qint64 lastOffsetOf(const ChatRow &row);
    QVariant messageData(const protocol::ChatMessage &message, int role) const;
    QVariant pendingData(const PendingMessage &message, int role) const;
    static QVariant gapData(const ChatGap &gap, int role);
    static QString gapText(const ChatGap &gap);

    int m_maximum;
    QString m_ownUser;
    std::vector<ChatRow> m_rows; // messages and gaps by offset, then pending ones in the order of writing
    Index m_stored = 0; // rows before the pending ones
    int m_messages = 0;
    qint64 m_readOffset = 0;
    qint64 m_unreadMark = 0;
};

} // namespace godwit::models
