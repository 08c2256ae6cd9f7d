// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/principal.h"

#include "shared/core/jsonreader.h"

using namespace Qt::StringLiterals;

namespace godwit::protocol {

QString toString(Role role)
{
    switch (role) {
    case Role::Viewer:
        return u"viewer"_s;
    case Role::Member:
        return u"member"_s;
    case Role::Operator:
        return u"operator"_s;
    case Role::Admin:
        return u"admin"_s;
    }
    Q_UNREACHABLE();
}

std::optional<Role> roleFrom(QStringView text)
{
    for (const Role role : { Role::Viewer, Role::Member, Role::Operator, Role::Admin }) {
        if (text == toString(role))
            return role;
    }
    return std::nullopt;
}

QJsonObject Principal::toJson() const
{
    return { { u"id"_s, userId }, { u"name"_s, name }, { u"role"_s, toString(role) } };
}

Result<Principal> Principal::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    Principal principal{ .userId = reader.integer("id"_L1, 0), .name = reader.string("name"_L1) };
    const QString role = reader.string("role"_L1);
    if (const auto known = roleFrom(role))
        principal.role = *known;
    else
        reader.fail("role"_L1, u"is none of viewer, member, operator, admin"_s);
    return reader.finish(std::move(principal));
}

} // namespace godwit::protocol
