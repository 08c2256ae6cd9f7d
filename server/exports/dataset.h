// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/exports/filter.h"
#include "shared/protocol/principal.h"

#include <QLatin1StringView>
#include <QStringList>
#include <QVariantList>

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
    /// The values that the statement binds. Null: none, whatever the filter.
    QVariantList (*bind)(const Filter &filter) = nullptr;

    bool isFiltered() const { return bind != nullptr; }
};

std::span<const Dataset> datasets();
/// Null if there is none of that name.
const Dataset *findDataset(QStringView name);
QStringList datasetNames();
/// Error::PermissionDenied.
void requireRole(const protocol::Principal &caller, const Dataset &dataset);

} // namespace godwit::exports
