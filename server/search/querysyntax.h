// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace godwit::search {

/// What users type, as an FTS5 expression. All words must match; `"two words"` stand side by side, `pre*` begins a
/// word, `-word` must not be there. Whatever else is typed is only a separator: there is no input that is an error, and
/// none that reaches FTS5's own syntax, because every word is quoted.
///
/// Empty if nothing is left to look for: only punctuation, or only words that must not be there.
/// At most 32 words count, for each costs a look-up.
QString toFtsExpression(QStringView typed);

} // namespace godwit::search
