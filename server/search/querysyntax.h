// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <QStringList>

namespace godwit::search {

/// Where a term is looked for.
enum class Field : quint8 { Any, Title, Body, Kind };

/// A word, or words side by side, that must be found.
struct Term
{
    QStringList words;
    Field field = Field::Any;
    bool isPrefix = false; ///< the last word only begins so
    qsizetype begin = 0, length = 0; ///< where a lone word stands in what was typed; of a phrase: 0
};

/// What users type, understood.
struct ParsedQuery
{
    /// For FTS5's MATCH. Empty if nothing is left to look for: only punctuation, or only words that must not be there.
    QString expression{};
    /// How many phrases in it are wanted. They stand before those that must not be there.
    int wantedPhrases = 0;
    QList<Term> terms{}; ///< the wanted ones
    QStringList kinds{}; ///< by `kind:`, in lower case, not checked; none: all
    QStringList unwantedKinds{}; ///< by `-kind:`
};

/// All words must match; `"two words"` stand side by side; `pre*` begins a word; `title:word` and `body:"two words"`
/// look there only; `kind:message` looks for that kind only (several: any of them); with a minus before it, none of it
/// may be there. Whatever else is typed is only a separator: there is no input that is an error, and none that reaches
/// FTS5's own syntax, because every word is quoted and no quoted one has a quote in it.
///
/// At most 32 words count, for each costs a look-up, and at most four with a `*`, one of them of a single letter: any
/// further are whole words.
ParsedQuery parseQuery(QStringView typed);

} // namespace godwit::search
