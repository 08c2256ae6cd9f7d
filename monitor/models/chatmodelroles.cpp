// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/models/chatmodel.h"

#include <QDateTime>

using namespace Qt::StringLiterals;

/// The half of ChatModel that views ask: what a row looks like, alone and beside its neighbours.
namespace godwit::models {

using protocol::ChatMessage;

namespace {

constexpr std::chrono::minutes groupSpan{ 5 };

QDateTime localTime(Timestamp time)
{
    return QDateTime::fromMSecsSinceEpoch(time.time_since_epoch().count());
}

Timestamp timeOf(const ChatRow &row)
{
    if (const auto *message = std::get_if<ChatMessage>(&row))
        return message->timestamp;
    if (const auto *pending = std::get_if<PendingMessage>(&row))
        return pending->queuedAt;
    return {};
}

} // namespace

int ChatModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant ChatModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const auto row = static_cast<Index>(index.row());
    switch (role) {
    case KindRole:
        return QVariant::fromValue(static_cast<RowKind>(m_rows[row].index()));
    case StartsDayRole:
        return startsDay(row);
    case StartsGroupRole:
        return startsGroup(row);
    case StartsUnreadRole:
        return startsUnread(row);
    default:
        break;
    }
    if (const auto *message = std::get_if<ChatMessage>(&m_rows[row]))
        return messageData(*message, role);
    if (const auto *pending = std::get_if<PendingMessage>(&m_rows[row]))
        return pendingData(*pending, role);
    return gapData(std::get<ChatGap>(m_rows[row]), role);
}

QVariant ChatModel::messageData(const ChatMessage &message, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return QString(message.user % u", "_s % localTime(message.timestamp).toString(u"HH:mm"_s) % u": "_s
                       % message.message);
    case UserRole:
        return message.user;
    case TextRole:
        return message.message;
    case TimeRole:
        return localTime(message.timestamp);
    case OwnRole:
        return message.user == m_ownUser;
    case StateRole:
        return QVariant::fromValue(SendState::Confirmed);
    case OffsetRole:
        return message.offset;
    default:
        return {};
    }
}

QVariant ChatModel::pendingData(const PendingMessage &message, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return tr("%1, not confirmed: %2").arg(m_ownUser, message.text);
    case UserRole:
        return m_ownUser;
    case TextRole:
        return message.text;
    case TimeRole:
        return localTime(message.queuedAt);
    case OwnRole:
        return true;
    case StateRole:
        return QVariant::fromValue(message.state);
    case LocalIdRole:
        return message.localId;
    default:
        return {};
    }
}

QVariant ChatModel::gapData(const ChatGap &gap, int role)
{
    switch (role) {
    case Qt::DisplayRole:
    case TextRole:
        return gapText(gap);
    case OffsetRole:
        return gap.first;
    case GapCountRole:
        return gap.count();
    case GapStateRole:
        return QVariant::fromValue(gap.state);
    default:
        return {};
    }
}

QString ChatModel::gapText(const ChatGap &gap)
{
    const QString messages = gap.count() == 1 ? tr("1 message") : tr("%L1 messages").arg(gap.count());
    switch (gap.state) {
    case ChatGap::State::Missing:
        return tr("%1 missing — fetch").arg(messages);
    case ChatGap::State::Fetching:
        return tr("Fetching %1…").arg(messages);
    case ChatGap::State::Gone:
        return tr("%1 no longer on the server").arg(messages);
    }
    return {};
}

bool ChatModel::startsDay(Index row) const
{
    if (std::holds_alternative<ChatGap>(m_rows[row]))
        return false;
    const QDate day = localTime(timeOf(m_rows[row])).date();
    for (Index before = row; before-- > 0;) {
        if (!std::holds_alternative<ChatGap>(m_rows[before]))
            return localTime(timeOf(m_rows[before])).date() != day;
    }
    return true;
}

bool ChatModel::startsGroup(Index row) const
{
    if (row == 0 || std::holds_alternative<ChatGap>(m_rows[row]) || std::holds_alternative<ChatGap>(m_rows[row - 1]))
        return true;
    const auto writer = [this](const ChatRow &of) {
        const auto *message = std::get_if<ChatMessage>(&of);
        return message ? message->user : m_ownUser;
    };
    return writer(m_rows[row]) != writer(m_rows[row - 1]) || timeOf(m_rows[row]) - timeOf(m_rows[row - 1]) > groupSpan
        || startsDay(row) || startsUnread(row);
}

bool ChatModel::startsUnread(Index row) const
{
    if (m_unreadMark == 0 || row >= m_stored || !isOfOthersAfter(m_rows[row], m_unreadMark))
        return false;
    // Our own messages after the mark are the only ones that may stand between it and the first unread one.
    for (Index end = row; end > 0 && lastOffsetOf(m_rows[end - 1]) > m_unreadMark; --end) {
        if (isOfOthersAfter(m_rows[end - 1], m_unreadMark))
            return false;
    }
    return true;
}

} // namespace godwit::models
