// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

namespace godwit::models {

/// A stretch of characters.
struct TextRange
{
    qsizetype start = 0, length = 0;

    bool operator==(const TextRange &) const = default;
};

/// Plain text with stretches to be emphasised. No rich text engine ever sees what a server sent.
struct MarkedText
{
    QString text;
    QList<TextRange> marks;

    bool operator==(const MarkedText &) const = default;
};

/// Reads HTML-escaped text in which `<mark>` and `</mark>` are the only tags, as the search's snippets are. Any other
/// tag, and an entity that is none, stays visible as it is.
MarkedText parseMarked(QStringView html);

/// Where @p text names an http or https address; without the full stop or bracket that ends the sentence around it.
QList<TextRange> findLinks(const QString &text);

/// Where @p text has a name behind an @ that begins a word, with its @; as the server finds those whom it mentions.
QList<TextRange> findMentions(const QString &text);

} // namespace godwit::models
