// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/chat.h"

#include <QAbstractListModel>
#include <QByteArray>
#include <QList>

#include <optional>
#include <variant>
#include <vector>

namespace godwit::models {

/// How far a message of our own has come.
enum class SendState {
    Confirmed, ///< the server has it on disk
    Waiting, ///< for a connection, or until the server takes more
    Sending, ///< on its way
    Refused, ///< the server did not want it
};

/// A message of our own that the server has not confirmed.
struct PendingMessage
{
    QByteArray localId; ///< its client_id: with it a second copy is answered as the first, and posted once
    QString text;
    Timestamp queuedAt{};
    SendState state = SendState::Waiting;
    bool wasSent = false; ///< at some time, so it may have arrived
    QString problem{}; ///< what the server said against it; empty: nothing

    bool operator==(const PendingMessage &) const = default;
};

using ChatRow = std::variant<protocol::ChatMessage, PendingMessage>;

/// One room: its messages by offset, and after them what of our own is not confirmed. A message that is held already is
/// ignored, so events and pages of history may overlap as they like.
///
/// What it holds is one run without holes. Offsets cannot show that, for edits and deletes take some too: who fills it
/// inserts only what follows on what is held, and clears it when that is not known.
///
/// Holds at most `maximum` messages: new ones push out the oldest, and history beyond is not taken in.
class ChatModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum class RowKind { Message, Pending };
    enum Role {
        KindRole = Qt::UserRole, ///< RowKind
        UserRole,
        TextRole, ///< as it was written; DisplayRole has the whole row as one line for screen readers
        TimeRole, ///< QDateTime, local
        OwnRole, ///< bool
        StateRole, ///< SendState
        OffsetRole, ///< qint64; none of a pending row
        LocalIdRole, ///< QByteArray, of a pending row
        ProblemRole, ///< of a pending row: what the server said against it
        EditedRole, ///< bool
        DeletedRole, ///< bool; then TextRole says so
        MentionsMeRole, ///< bool
        FileRole, ///< name of one that goes with it, under /files; empty: none
        RevisionRole, ///< qint64: another one for another text at the same offset
        StartsDayRole, ///< bool: the first row of its local day
        StartsGroupRole, ///< bool: another writer than in the row before, or long after it
        StartsUnreadRole, ///< bool: the first message of others after the unread mark
    };

    explicit ChatModel(int maximum = 2000, QObject *parent = nullptr);

    /// Rows by @p user are our own, and what mentions that name mentions us.
    void setOwnUser(const QString &user);
    const QString &ownUser() const { return m_ownUser; }

    /// A page of history.
    void insert(QList<protocol::ChatMessage> messages);
    /// What somebody has just posted. If we have, it stands for the pending row of the same text that was sent.
    void hear(const protocol::ChatMessage &message);
    /// The pending row of that name is @p message; it is taken in if nothing between it and what is held can be
    /// missing.
    void confirm(const QByteArray &localId, const protocol::ChatMessage &message);
    /// Does nothing for a message that is not held.
    void edit(qint64 offset, const QString &text, const QStringList &mentions, Timestamp at);
    void remove(qint64 offset);
    void clear();

    void addPending(PendingMessage message);
    /// Takes over all of the one with the same name.
    void updatePending(const PendingMessage &message);
    void removePending(const QByteArray &localId);
    QList<PendingMessage> pending() const;
    std::optional<PendingMessage> pending(const QByteArray &localId) const;

    /// Null if it is not held. Valid until the next change.
    const protocol::ChatMessage *message(qint64 offset) const;
    /// Our newest message that is not deleted; null if none is held.
    const protocol::ChatMessage *lastOwn() const;

    /// Messages up to @p offset have been seen.
    void setReadOffset(qint64 offset);
    qint64 readOffset() const { return m_readOffset; }
    /// Of others, after the read offset, among those held.
    int unreadCount() const;
    /// Of these, that mention us.
    int mentionCount() const;
    /// Whether all that is unread is held, so that the counts are exact.
    bool holdsAllUnread() const;
    /// Where "new messages" is drawn: after @p offset. It stays while what comes after it is read. Nothing: nowhere.
    void setUnreadMark(std::optional<qint64> offset);
    const std::optional<qint64> &unreadMark() const { return m_unreadMark; }

    qint64 firstOffset() const; ///< 0: no message held
    qint64 lastOffset() const; ///< 0: no message held
    int countAfter(qint64 offset) const; ///< messages with greater offsets

    /// Whether the room has messages before those held, as far as is known; true of an empty model.
    void setHasOlder(bool hasOlder) { m_hasOlder = hasOlder; }
    bool hasOlder() const { return m_hasOlder; }
    /// Whether a page of history before firstOffset() exists and would be taken in.
    bool canLoadOlder() const;

    int messageCount() const { return static_cast<int>(m_stored); }
    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    using Index = std::vector<ChatRow>::size_type;

    bool insertOne(const protocol::ChatMessage &message);
    /// Of the first stored row with at least @p offset.
    Index rowOf(qint64 offset) const;
    bool isHeld(qint64 offset) const;
    template<class Change>
    void change(qint64 offset, Change change);
    void eraseRow(Index row);
    void followerChanged(Index row);
    void trim();
    std::vector<ChatRow>::iterator findPending(const QByteArray &localId);
    const protocol::ChatMessage &stored(Index row) const { return std::get<protocol::ChatMessage>(m_rows[row]); }
    bool startsDay(Index row) const;
    bool startsGroup(Index row) const;
    bool startsUnread(Index row) const;
    bool isUnreadAfter(Index row, qint64 offset) const;
    bool mentionsMe(const protocol::ChatMessage &message) const;
    QVariant messageData(const protocol::ChatMessage &message, int role) const;
    QVariant pendingData(const PendingMessage &message, int role) const;

    int m_maximum;
    QString m_ownUser;
    std::vector<ChatRow> m_rows; // messages by offset, then pending ones in the order of writing
    Index m_stored = 0; // rows before the pending ones
    bool m_hasOlder = true;
    qint64 m_readOffset = 0;
    std::optional<qint64> m_unreadMark;
};

} // namespace godwit::models
