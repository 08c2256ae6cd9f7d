// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/search/store.h"

#include <QFileInfo>

#include <functional>
#include <optional>

namespace godwit::search {

/// The documents of one file, by the end of its name. @p add is given each, and how many bytes have been read.
/// @return why the file was left out, as a reason to count; nothing if it was read.
std::optional<QString> readFile(const QFileInfo &file, qint64 limitBytes,
                                const std::function<void(store::Imported document, qint64 position)> &add);

} // namespace godwit::search
