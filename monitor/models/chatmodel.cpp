// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/models/chatmodel.h"

#include <algorithm>

namespace godwit::models {

using protocol::ChatMessage;

ChatModel::ChatModel(int maximum, QObject *parent) : QAbstractListModel(parent), m_maximum(maximum) { }

void ChatModel::setOwnUser(const QString &user)
{
    if (user == m_ownUser)
        return;
    m_ownUser = user;
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0), index(rowCount() - 1));
}

void ChatModel::insert(QList<ChatMessage> messages)
{
    // From the newest on: what there is no room for is the oldest.
    std::sort(messages.begin(), messages.end(), [](const auto &a, const auto &b) { return a.offset > b.offset; });
    for (const ChatMessage &message : std::as_const(messages))
        insertOne(message);
    trim();
}

void ChatModel::hear(const ChatMessage &message)
{
    if (message.user == m_ownUser && !isHeld(message.offset)) {
        const auto echoed = [&](const ChatRow &row) {
            const auto &pending = std::get<PendingMessage>(row);
            return pending.wasSent && pending.state == SendState::Sending && pending.text == message.message;
        };
        const auto found = std::find_if(m_rows.begin() + static_cast<std::ptrdiff_t>(m_stored), m_rows.end(), echoed);
        if (found != m_rows.end())
            eraseRow(static_cast<Index>(found - m_rows.begin()));
    }
    insertOne(message);
    trim();
}

void ChatModel::confirm(const QByteArray &localId, const ChatMessage &message)
{
    removePending(localId);
    // One of long ago, that is acknowledged once more, may stand before others that we do not have.
    if (m_stored == 0 ? !m_hasOlder : message.offset > firstOffset())
        insertOne(message);
    trim();
}

bool ChatModel::insertOne(const ChatMessage &message)
{
    if (message.offset < 1 || isHeld(message.offset))
        return false;
    const Index row = rowOf(message.offset);
    if (row == 0 && m_stored > 0 && messageCount() >= m_maximum)
        return false;
    beginInsertRows({}, static_cast<int>(row), static_cast<int>(row));
    m_rows.insert(m_rows.begin() + static_cast<std::ptrdiff_t>(row), message);
    ++m_stored;
    endInsertRows();
    followerChanged(row);
    return true;
}

template<class Change>
void ChatModel::change(qint64 offset, Change change)
{
    if (!isHeld(offset))
        return;
    const Index row = rowOf(offset);
    change(std::get<ChatMessage>(m_rows[row]));
    const QModelIndex changed = index(static_cast<int>(row));
    Q_EMIT dataChanged(changed, changed);
}

void ChatModel::edit(qint64 offset, const QString &text, const QStringList &mentions, Timestamp at)
{
    change(offset, [&](ChatMessage &message) {
        message.message = text;
        message.mentions = mentions;
        message.editedAt = at;
    });
}

void ChatModel::remove(qint64 offset)
{
    change(offset, [](ChatMessage &message) {
        message.message.clear();
        message.mentions.clear();
        message.file.clear();
        message.isDeleted = true;
    });
}

void ChatModel::clear()
{
    beginResetModel();
    m_rows.erase(m_rows.begin(), m_rows.begin() + static_cast<std::ptrdiff_t>(m_stored));
    m_stored = 0;
    m_hasOlder = true;
    m_unreadMark.reset();
    endResetModel();
}

void ChatModel::addPending(PendingMessage message)
{
    if (findPending(message.localId) != m_rows.end())
        return;
    const auto row = static_cast<int>(m_rows.size());
    beginInsertRows({}, row, row);
    m_rows.emplace_back(std::move(message));
    endInsertRows();
}

void ChatModel::updatePending(const PendingMessage &message)
{
    const auto found = findPending(message.localId);
    if (found == m_rows.end() || std::get<PendingMessage>(*found) == message)
        return;
    *found = message;
    const QModelIndex changed = index(static_cast<int>(found - m_rows.begin()));
    Q_EMIT dataChanged(changed, changed);
}

void ChatModel::removePending(const QByteArray &localId)
{
    const auto found = findPending(localId);
    if (found != m_rows.end())
        eraseRow(static_cast<Index>(found - m_rows.begin()));
}

QList<PendingMessage> ChatModel::pending() const
{
    QList<PendingMessage> result;
    for (Index row = m_stored; row < m_rows.size(); ++row)
        result.append(std::get<PendingMessage>(m_rows[row]));
    return result;
}

std::optional<PendingMessage> ChatModel::pending(const QByteArray &localId) const
{
    for (Index row = m_stored; row < m_rows.size(); ++row) {
        if (const auto &one = std::get<PendingMessage>(m_rows[row]); one.localId == localId)
            return one;
    }
    return {};
}

const ChatMessage *ChatModel::message(qint64 offset) const
{
    return isHeld(offset) ? &stored(rowOf(offset)) : nullptr;
}

const ChatMessage *ChatModel::lastOwn() const
{
    for (Index row = m_stored; row-- > 0;) {
        if (const ChatMessage &one = stored(row); one.user == m_ownUser && !one.isDeleted)
            return &one;
    }
    return nullptr;
}

void ChatModel::setReadOffset(qint64 offset)
{
    m_readOffset = offset;
}

void ChatModel::setUnreadMark(std::optional<qint64> offset)
{
    if (offset == m_unreadMark)
        return;
    m_unreadMark = offset;
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0), index(rowCount() - 1), { StartsUnreadRole, StartsGroupRole });
}

int ChatModel::unreadCount() const
{
    int count = 0;
    for (Index row = rowOf(m_readOffset + 1); row < m_stored; ++row)
        count += isUnreadAfter(row, m_readOffset) ? 1 : 0;
    return count;
}

int ChatModel::mentionCount() const
{
    int count = 0;
    for (Index row = rowOf(m_readOffset + 1); row < m_stored; ++row)
        count += isUnreadAfter(row, m_readOffset) && mentionsMe(stored(row)) ? 1 : 0;
    return count;
}

bool ChatModel::holdsAllUnread() const
{
    return !m_hasOlder || (m_stored > 0 && firstOffset() <= m_readOffset + 1);
}

bool ChatModel::isUnreadAfter(Index row, qint64 offset) const
{
    const ChatMessage &message = stored(row);
    return message.offset > offset && message.user != m_ownUser && !message.isDeleted;
}

bool ChatModel::mentionsMe(const ChatMessage &message) const
{
    return message.user != m_ownUser && message.mentions.contains(m_ownUser, Qt::CaseInsensitive);
}

qint64 ChatModel::firstOffset() const
{
    return m_stored == 0 ? 0 : stored(0).offset;
}

qint64 ChatModel::lastOffset() const
{
    return m_stored == 0 ? 0 : stored(m_stored - 1).offset;
}

int ChatModel::countAfter(qint64 offset) const
{
    return static_cast<int>(m_stored - rowOf(offset + 1));
}

bool ChatModel::canLoadOlder() const
{
    return m_stored > 0 && m_hasOlder && messageCount() < m_maximum;
}

ChatModel::Index ChatModel::rowOf(qint64 offset) const
{
    const auto end = m_rows.begin() + static_cast<std::ptrdiff_t>(m_stored);
    const auto found = std::partition_point(
        m_rows.begin(), end, [offset](const ChatRow &row) { return std::get<ChatMessage>(row).offset < offset; });
    return static_cast<Index>(found - m_rows.begin());
}

bool ChatModel::isHeld(qint64 offset) const
{
    const Index row = rowOf(offset);
    return row < m_stored && stored(row).offset == offset;
}

void ChatModel::eraseRow(Index row)
{
    beginRemoveRows({}, static_cast<int>(row), static_cast<int>(row));
    m_rows.erase(m_rows.begin() + static_cast<std::ptrdiff_t>(row));
    m_stored -= row < m_stored ? 1 : 0;
    endRemoveRows();
    if (row > 0)
        followerChanged(row - 1);
}

void ChatModel::followerChanged(Index row)
{
    if (row + 1 >= m_rows.size())
        return;
    const QModelIndex follower = index(static_cast<int>(row) + 1);
    Q_EMIT dataChanged(follower, follower, { StartsDayRole, StartsGroupRole, StartsUnreadRole });
}

void ChatModel::trim()
{
    while (messageCount() > m_maximum) {
        eraseRow(0);
        m_hasOlder = true;
    }
}

std::vector<ChatRow>::iterator ChatModel::findPending(const QByteArray &localId)
{
    return std::find_if(m_rows.begin() + static_cast<std::ptrdiff_t>(m_stored), m_rows.end(),
                        [&](const ChatRow &row) { return std::get<PendingMessage>(row).localId == localId; });
}

} // namespace godwit::models
