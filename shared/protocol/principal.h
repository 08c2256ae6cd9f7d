// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QJsonObject>
#include <QString>

#include <optional>

namespace godwit::protocol {

/// What a caller may do; each may what those before it may.
enum class Role : quint8 {
    Viewer, ///< read
    Member, ///< write: messages, documents, own tasks
    Operator, ///< run the server: all tasks, the engine room, logs
    Admin, ///< users
};

QString toString(Role role); ///< `viewer member operator admin`
std::optional<Role> roleFrom(QStringView text);

/// Who asks, as authentication found.
struct Principal
{
    qint64 userId = 0; ///< 0: nobody of the table of users (a local program, or a name given in open mode)
    QString name{};
    Role role = Role::Viewer;

    QJsonObject toJson() const; ///< what GET /api/auth/me answers
    static Result<Principal> fromJson(const QJsonObject &json);

    bool may(Role atLeast) const { return role >= atLeast; }
    friend bool operator==(const Principal &, const Principal &) = default;
};

} // namespace godwit::protocol
