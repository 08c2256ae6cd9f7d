// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QString>

namespace godwit::files {

/// The one spelling of a file's name: in Unicode's form C. Error::InvalidArgument, which says what is wrong, for what
/// is no single name in a folder on every system: empty, longer than 255 bytes, with a slash or backslash, control
/// characters or others that cannot be seen, with a dot in front (those are the server's own) or at the end, white
/// space at an end, and for what Windows takes for a device.
Result<QString> fileName(const QString &text);

/// Another one, where @p name is taken: `report (2).pdf`.
QString numbered(const QString &name, int number);

} // namespace godwit::files
