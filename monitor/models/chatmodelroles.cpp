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
    return std::get<PendingMessage>(row).queuedAt;
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
    return row < m_stored ? messageData(stored(row), role) : pendingData(std::get<PendingMessage>(m_rows[row]), role);
}

QVariant ChatModel::messageData(const ChatMessage &message, int role) const
{
    const auto text = [&message] { return message.isDeleted ? tr("Message deleted") : message.message; };
    switch (role) {
    case Qt::DisplayRole: {
        const QString when = localTime(message.timestamp).toString(u"HH:mm"_s);
        const QString file = message.file.isEmpty() ? QString() : tr(" [file %1]").arg(message.file);
        const QString line = message.user % u", "_s % when % u": "_s % text() % file;
        return message.editedAt && !message.isDeleted ? tr("%1 (edited)").arg(line) : line;
    }
    case UserRole:
        return message.user;
    case TextRole:
        return text();
    case TimeRole:
        return localTime(message.timestamp);
    case OwnRole:
        return message.user == m_ownUser;
    case StateRole:
        return QVariant::fromValue(SendState::Confirmed);
    case OffsetRole:
        return message.offset;
    case EditedRole:
        return message.editedAt.has_value() && !message.isDeleted;
    case DeletedRole:
        return message.isDeleted;
    case MentionsMeRole:
        return mentionsMe(message);
    case FileRole:
        return message.file;
    case RevisionRole:
        return message.isDeleted ? qint64(-1) : message.editedAt ? message.editedAt->time_since_epoch().count() : 0;
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
    case ProblemRole:
        return message.problem;
    default:
        return {};
    }
}

bool ChatModel::startsDay(Index row) const
{
    return row == 0 || localTime(timeOf(m_rows[row])).date() != localTime(timeOf(m_rows[row - 1])).date();
}

bool ChatModel::startsGroup(Index row) const
{
    if (row == 0)
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
    if (!m_unreadMark || row >= m_stored || !isUnreadAfter(row, *m_unreadMark))
        return false;
    // Our own messages after the mark, and deleted ones, are all that may stand between it and the first unread one.
    for (Index end = row; end > 0 && stored(end - 1).offset > *m_unreadMark; --end) {
        if (isUnreadAfter(end - 1, *m_unreadMark))
            return false;
    }
    return true;
}

} // namespace godwit::models
