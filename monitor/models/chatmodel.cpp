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
    std::sort(messages.begin(), messages.end(), [](const auto &a, const auto &b) { return a.offset < b.offset; });
    const auto newer = std::partition_point(messages.cbegin(), messages.cend(),
                                            [last = lastOffset()](const auto &m) { return m.offset <= last; });
    // From the known end outwards, so that no gap appears for the time of one insertion.
    for (auto it = std::make_reverse_iterator(newer); it != messages.crend(); ++it)
        insertOne(*it);
    for (auto it = newer; it != messages.cend(); ++it)
        insertOne(*it);
    trim();
}

void ChatModel::insertOne(const ChatMessage &message)
{
    if (message.offset < 1)
        return;
    confirmPending(message);
    const auto end = m_rows.begin() + static_cast<std::ptrdiff_t>(m_stored);
    const auto found = std::partition_point(m_rows.begin(), end,
                                            [&](const ChatRow &row) { return lastOffsetOf(row) < message.offset; });
    const auto row = static_cast<Index>(found - m_rows.begin());
    if (row == m_stored) {
        const qint64 last = lastOffset();
        if (last > 0 && message.offset > last + 1)
            insertRow(m_stored, ChatGap{ .first = last + 1, .last = message.offset - 1 });
        insertRow(m_stored, message);
    } else if (std::holds_alternative<ChatGap>(*found)) {
        splitGap(row, message);
    } else {
        placeBefore(row, message);
    }
}

void ChatModel::placeBefore(Index row, const ChatMessage &message)
{
    const auto &next = std::get<ChatMessage>(m_rows[row]);
    if (next.offset == message.offset) {
        if (next.id == message.id)
            return;
        clear();
        insertRow(0, message);
        Q_EMIT restarted();
        return;
    }
    // Between two messages there would be a gap, so this is before the first one.
    if (m_messages >= m_maximum)
        return;
    if (next.offset > message.offset + 1)
        insertRow(0, ChatGap{ .first = message.offset + 1, .last = next.offset - 1 });
    insertRow(0, message);
}

void ChatModel::splitGap(Index row, const ChatMessage &message)
{
    const ChatGap whole = std::get<ChatGap>(m_rows[row]);
    const ChatGap before{ .first = whole.first, .last = message.offset - 1 };
    const ChatGap after{ .first = message.offset + 1, .last = whole.last };
    if (before.count() > 0) {
        m_rows[row] = before;
        Q_EMIT dataChanged(index(static_cast<int>(row)), index(static_cast<int>(row)));
        insertRow(row + 1, message);
        if (after.count() > 0)
            insertRow(row + 2, after);
    } else if (after.count() > 0) {
        m_rows[row] = after;
        Q_EMIT dataChanged(index(static_cast<int>(row)), index(static_cast<int>(row)));
        insertRow(row, message);
    } else {
        eraseRow(row);
        insertRow(row, message);
    }
}

void ChatModel::clear()
{
    beginResetModel();
    m_rows.erase(m_rows.begin(), m_rows.begin() + static_cast<std::ptrdiff_t>(m_stored));
    m_stored = 0;
    m_messages = 0;
    m_readOffset = 0;
    m_unreadMark = 0;
    for (ChatRow &row : m_rows)
        std::get<PendingMessage>(row).afterOffset = 0;
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

void ChatModel::setPendingState(const QByteArray &localId, SendState state)
{
    const auto found = findPending(localId);
    if (found == m_rows.end())
        return;
    std::get<PendingMessage>(*found).state = state;
    const QModelIndex changed = index(static_cast<int>(found - m_rows.begin()));
    Q_EMIT dataChanged(changed, changed);
}

void ChatModel::setSent(const QByteArray &localId)
{
    const auto found = findPending(localId);
    if (found == m_rows.end())
        return;
    std::get<PendingMessage>(*found).afterOffset = lastOffset();
    setPendingState(localId, SendState::Sending);
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

void ChatModel::confirmPending(const ChatMessage &message)
{
    if (message.user != m_ownUser)
        return;
    const auto echoed = [&](const ChatRow &row) {
        const auto *pending = std::get_if<PendingMessage>(&row);
        return pending && (pending->state == SendState::Sending || pending->state == SendState::Unconfirmed)
            && pending->afterOffset < message.offset && pending->text == message.message;
    };
    const auto found = std::find_if(m_rows.begin() + static_cast<std::ptrdiff_t>(m_stored), m_rows.end(), echoed);
    if (found == m_rows.end() || offsetIsHeld(message.offset))
        return;
    const QByteArray localId = std::get<PendingMessage>(*found).localId;
    eraseRow(static_cast<Index>(found - m_rows.begin()));
    Q_EMIT confirmed(localId, message.offset);
}

bool ChatModel::offsetIsHeld(qint64 offset) const
{
    const auto end = m_rows.begin() + static_cast<std::ptrdiff_t>(m_stored);
    const auto found
        = std::partition_point(m_rows.begin(), end, [&](const ChatRow &row) { return lastOffsetOf(row) < offset; });
    return found != end && std::holds_alternative<ChatMessage>(*found)
        && std::get<ChatMessage>(*found).offset == offset;
}

void ChatModel::setReadOffset(qint64 offset)
{
    m_readOffset = offset;
}

void ChatModel::setUnreadMark(qint64 offset)
{
    if (offset == m_unreadMark)
        return;
    m_unreadMark = offset;
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0), index(rowCount() - 1), { StartsUnreadRole, StartsGroupRole });
}

int ChatModel::unreadCount() const
{
    return static_cast<int>(std::count_if(m_rows.begin(), m_rows.end(),
                                          [this](const ChatRow &row) { return isOfOthersAfter(row, m_readOffset); }));
}

bool ChatModel::isOfOthersAfter(const ChatRow &row, qint64 offset) const
{
    const auto *message = std::get_if<ChatMessage>(&row);
    return message && message->offset > offset && message->user != m_ownUser;
}

qint64 ChatModel::lastOffsetOf(const ChatRow &row)
{
    if (const auto *message = std::get_if<ChatMessage>(&row))
        return message->offset;
    return std::get<ChatGap>(row).last;
}

qint64 ChatModel::firstOffset() const
{
    return m_stored == 0 ? 0 : std::get<ChatMessage>(m_rows.front()).offset;
}

qint64 ChatModel::lastOffset() const
{
    return m_stored == 0 ? 0 : std::get<ChatMessage>(m_rows[m_stored - 1]).offset;
}

bool ChatModel::canLoadOlder() const
{
    return firstOffset() > 1 && m_messages < m_maximum;
}

QList<ChatGap> ChatModel::gaps() const
{
    QList<ChatGap> result;
    for (const ChatRow &row : m_rows) {
        if (const auto *gap = std::get_if<ChatGap>(&row))
            result.append(*gap);
    }
    return result;
}

void ChatModel::setGapState(qint64 first, ChatGap::State state)
{
    for (Index row = 0; row < m_stored; ++row) {
        auto *gap = std::get_if<ChatGap>(&m_rows[row]);
        if (!gap || gap->first != first)
            continue;
        gap->state = state;
        Q_EMIT dataChanged(index(static_cast<int>(row)), index(static_cast<int>(row)));
    }
}

void ChatModel::insertRow(Index row, ChatRow value)
{
    const bool isPending = std::holds_alternative<PendingMessage>(value);
    const bool isMessage = std::holds_alternative<ChatMessage>(value);
    beginInsertRows({}, static_cast<int>(row), static_cast<int>(row));
    m_rows.insert(m_rows.begin() + static_cast<std::ptrdiff_t>(row), std::move(value));
    m_stored += isPending ? 0 : 1;
    m_messages += isMessage ? 1 : 0;
    endInsertRows();
    followerChanged(row);
}

void ChatModel::eraseRow(Index row)
{
    const bool isPending = row >= m_stored;
    const bool isMessage = std::holds_alternative<ChatMessage>(m_rows[row]);
    beginRemoveRows({}, static_cast<int>(row), static_cast<int>(row));
    m_rows.erase(m_rows.begin() + static_cast<std::ptrdiff_t>(row));
    m_stored -= isPending ? 0 : 1;
    m_messages -= isMessage ? 1 : 0;
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
    while (m_messages > m_maximum) {
        eraseRow(0);
        if (std::holds_alternative<ChatGap>(m_rows.front()))
            eraseRow(0);
    }
}

std::vector<ChatRow>::iterator ChatModel::findPending(const QByteArray &localId)
{
    return std::find_if(m_rows.begin() + static_cast<std::ptrdiff_t>(m_stored), m_rows.end(),
                        [&](const ChatRow &row) { return std::get<PendingMessage>(row).localId == localId; });
}

} // namespace godwit::models
