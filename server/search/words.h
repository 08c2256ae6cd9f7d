// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace godwit::search {

/// How many code units of the word that @p text begins with; 0 if none. Letters, numbers and what belongs to them, as
/// FTS5's tokenizer unicode61 has it.
qsizetype wordLength(QStringView text);

/// The next word at or behind @p at, which moves behind it; empty at the end.
QStringView nextWord(QStringView text, qsizetype &at);

/// As words are compared: in lower case, without diacritics.
QString folded(QStringView word);

} // namespace godwit::search
