// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

namespace godwit::chat {

/// Names that stand in @p text behind an @ that begins a word: letters, digits and `._-`, the last of which ends no
/// name. Each once, in their order, at most 32.
QStringList mentionsIn(const QString &text);

} // namespace godwit::chat
