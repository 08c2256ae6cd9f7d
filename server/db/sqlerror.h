// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/error.h"

#include <QString>

namespace godwit::db {

/// What SQLite's result code means for a caller. The statement and SQLite's own words stand in internalMessage() alone.
/// Interruptions are not known here: the connection knows why it interrupted.
Error toError(int sqliteCode, const QString &text, QStringView sql);
/// Whether it is the database that has failed, and not the statement that was asked. What only writes meet, such as a
/// full disk, is none: they are told so at once, and reads go on.
bool isOutage(int sqliteCode);

} // namespace godwit::db
