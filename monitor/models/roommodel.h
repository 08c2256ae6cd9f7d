// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <QList>
#include <QString>

namespace godwit::models {

/// One line of the list of rooms.
struct Room
{
    QString name;
    qint64 lastOffset = 0; ///< the newest message that is known to exist
    int members = 0; ///< connected now, as the server last said; 0 if it does not say
    int unread = 0; ///< messages of others that have not been seen
    int mentions = 0; ///< of these, that mention us
    QString preview = {}; ///< "alice: the newest message", one line; empty if unknown
    bool isJoined = false; ///< we listen there
    bool isLive = false; ///< joined, and heard just now

    bool operator==(const Room &) const = default;
};

/// The rooms by name: the joined ones first.
class RoomModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role {
        NameRole = Qt::UserRole,
        UnreadRole, ///< int
        MentionsRole, ///< int
        MembersRole, ///< int
        PreviewRole,
        JoinedRole, ///< bool
        LiveRole, ///< bool
    };

    explicit RoomModel(QObject *parent = nullptr) : QAbstractListModel(parent) { }

    /// Adds one, or brings it up to date; by name.
    void upsert(const Room &room);
    void remove(const QString &name);

    /// Null if there is none. Valid until the next change.
    const Room *room(const QString &name) const;
    const QList<Room> &rooms() const { return m_rooms; }
    QModelIndex indexOf(const QString &name) const;
    int unreadTotal() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    qsizetype rowOf(const QString &name) const;

    QList<Room> m_rooms;
};

} // namespace godwit::models
