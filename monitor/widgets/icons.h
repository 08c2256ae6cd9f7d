// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QIcon>
#include <QString>

namespace godwit::widgets {

/// A line icon of resources/icons/monitor, drawn in @p colour at any size and pixel ratio.
QIcon lineIcon(const QString &name, const QColor &colour);

} // namespace godwit::widgets
