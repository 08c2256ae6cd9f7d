// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/dialect.h"

using namespace Qt::StringLiterals;

namespace godwit::db::dialect {

QString translated(QString sql)
{
    return sql.replace("{{identity}}"_L1, "INTEGER PRIMARY KEY AUTOINCREMENT"_L1);
}

} // namespace godwit::db::dialect
