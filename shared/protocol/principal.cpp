// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/principal.h"

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

} // namespace godwit::protocol
