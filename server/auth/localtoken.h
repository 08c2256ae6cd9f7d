// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

namespace godwit::auth {

/// Makes the token with which programs of the same OS user connect without a login, and writes it to `local-token` in
/// @p dataFolder, for this start of the server: one line, `gwl_` and 64 hexadecimal digits. Throws Error::Internal.
QByteArray writeLocalToken(const QString &dataFolder);

} // namespace godwit::auth
