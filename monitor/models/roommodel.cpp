// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/models/roommodel.h"

#include <algorithm>

namespace godwit::models {

namespace {

bool comesBefore(const Room &a, const Room &b)
{
    if (a.isJoined != b.isJoined)
        return a.isJoined;
    return a.name.localeAwareCompare(b.name) < 0;
}

} // namespace

void RoomModel::upsert(const Room &room)
{
    const qsizetype row = rowOf(room.name);
    if (row >= 0 && m_rooms.at(row).isJoined == room.isJoined) {
        if (m_rooms.at(row) == room)
            return;
        m_rooms[row] = room;
        const QModelIndex changed = index(static_cast<int>(row));
        Q_EMIT dataChanged(changed, changed);
        return;
    }
    remove(room.name);
    const auto place = std::partition_point(m_rooms.cbegin(), m_rooms.cend(),
                                            [&](const Room &other) { return comesBefore(other, room); });
    const auto target = static_cast<int>(place - m_rooms.cbegin());
    beginInsertRows({}, target, target);
    m_rooms.insert(target, room);
    endInsertRows();
}

void RoomModel::remove(const QString &name)
{
    const qsizetype row = rowOf(name);
    if (row < 0)
        return;
    beginRemoveRows({}, static_cast<int>(row), static_cast<int>(row));
    m_rooms.removeAt(row);
    endRemoveRows();
}

const Room *RoomModel::room(const QString &name) const
{
    const qsizetype row = rowOf(name);
    return row < 0 ? nullptr : &m_rooms.at(row);
}

QModelIndex RoomModel::indexOf(const QString &name) const
{
    const qsizetype row = rowOf(name);
    return row < 0 ? QModelIndex() : index(static_cast<int>(row));
}

int RoomModel::unreadTotal() const
{
    int total = 0;
    for (const Room &room : m_rooms)
        total += room.unread;
    return total;
}

qsizetype RoomModel::rowOf(const QString &name) const
{
    const auto found
        = std::find_if(m_rooms.cbegin(), m_rooms.cend(), [&](const Room &room) { return room.name == name; });
    return found == m_rooms.cend() ? -1 : found - m_rooms.cbegin();
}

int RoomModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rooms.size());
}

QVariant RoomModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Room &room = m_rooms.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case NameRole:
        return room.name;
    case Qt::AccessibleDescriptionRole:
        return room.mentions > 0
            ? tr("%L1 unread, %L2 to you").arg(std::max(room.unread, room.mentions)).arg(room.mentions)
            : room.unread > 0 ? tr("%L1 unread").arg(room.unread)
                              : QString();
    case UnreadRole:
        return room.unread;
    case MentionsRole:
        return room.mentions;
    case MembersRole:
        return room.members;
    case PreviewRole:
        return room.preview;
    case JoinedRole:
        return room.isJoined;
    case LiveRole:
        return room.isLive;
    default:
        return {};
    }
}

} // namespace godwit::models
