// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/principal.h"

#include <QLatin1StringView>
#include <QString>

#include <span>

namespace godwit::exports {

/// What can be exported: one more is a row in the table of dataset.cpp.
struct Dataset
{
    struct Column
    {
        enum class Kind { Integer, Real, Text, Time, Json };

        QLatin1StringView name;
        Kind kind = Kind::Text;
    };

    QLatin1StringView name;
    protocol::Role leastRole = protocol::Role::Viewer;
    std::span<const Column> columns; ///< in the order of the statement's
    QStringView sql;
    /// The same of what a caller made, where only operators see all; binds his id and name. Empty: all see all.
    QStringView ownSql{};
};

std::span<const Dataset> datasets();
/// Null if there is none of that name.
const Dataset *findDataset(QStringView name);

} // namespace godwit::exports
