// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QString>
#include <QStringList>

#include <vector>

namespace godwit::config {

/// One `key = value` of the file.
struct TomlEntry
{
    enum class Type { Text, Texts, Integer, Boolean, Other };

    QString section; ///< dotted if deeper than one; empty at the top
    QString name;
    int line = 0;
    Type type = Type::Other;
    QStringList values; ///< one but for Texts
};

/// All entries of a TOML document in the order of its lines, or Error::InvalidArgument with the line of a fault in the
/// syntax. The only file that knows toml++.
Result<std::vector<TomlEntry>> readToml(const QByteArray &document, const QString &fileName);

} // namespace godwit::config
