// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/search/querysyntax.h"

#include <vector>

namespace godwit::search {

/// Shows where the wanted terms of a query stand in a text: what FTS5's snippet() does, for a text that is already
/// read, and without looking at the whole of a long one. Matches stand between matchBegin and matchEnd (snippet.h).
class Highlighter
{
public:
    /// @param field terms that are looked for elsewhere do not count.
    Highlighter(const QList<Term> &terms, Field field);

    /// Some @p words words around the place where most of the terms stand together, `…` where it is cut. White space
    /// becomes single spaces. Empty if nothing matches.
    QString snippet(QStringView text, int words = 24) const;
    /// All of it; for titles.
    QString marked(QStringView text) const;
    /// The first @p words words of a text in which nothing matches.
    static QString beginning(QStringView text, int words = 24);

private:
    struct Wanted
    {
        QStringList words; // folded
        bool isPrefix = false;
    };
    struct Match
    {
        qsizetype begin = 0, end = 0; // in the text
        int word = 0; // the number of its first word
        int term = 0; // which is wanted there
    };

    /// The term that @p word, which ends at @p at in @p text, begins; moves @p at behind its last word.
    int termAt(QStringView text, QStringView word, qsizetype &at) const;
    qsizetype bestBegin(QStringView text, int words) const;
    QString cut(QStringView text, qsizetype begin, int words) const;

    std::vector<Wanted> m_wanted;
};

} // namespace godwit::search
