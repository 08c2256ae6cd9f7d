// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/models/markedtext.h"
#include "monitor/widgets/theme.h"

#include <QCache>
#include <QFont>
#include <QModelIndex>
#include <QTextLayout>
#include <QUrl>

#include <optional>

namespace godwit::chat {

/// A message's text broken into lines: long words anywhere, each text in its own direction, with its links and the
/// names that it mentions.
class MessageText
{
public:
    struct Style
    {
        QFont font;
        QColor link, mention;
        QColor mentionOfUs; ///< behind it
        QString user; ///< ourselves
    };

    MessageText(const QString &text, qreal maximumWidth, const Style &style);

    QSizeF size() const { return m_size; }
    /// Of the last line: what may stand beside it.
    qreal lastLineWidth() const { return m_lastLineWidth; }
    bool isRightToLeft() const { return m_isRightToLeft; }

    void paint(QPainter &painter, const QPointF &topLeft) const { m_layout.draw(&painter, topLeft); }
    /// @p point is relative to the text's upper left corner.
    std::optional<QUrl> linkAt(const QPointF &point) const;

private:
    qreal breakLines(qreal width);
    QList<QTextLayout::FormatRange> formatsOf(const QString &text, const Style &style);

    QTextLayout m_layout;
    QList<models::TextRange> m_links;
    QSizeF m_size;
    qreal m_lastLineWidth = 0;
    bool m_isRightToLeft = false;
};

/// Where the parts of one row of a ChatModel stand. Relative to the row's upper left corner; a null rectangle is not
/// drawn.
struct RowGeometry
{
    QRectF day, unread, avatar, name, bubble, text, file, time, note, resend, discard;
    qreal height = 0;

    static constexpr qreal fileIcon = 16; ///< at the left of `file`; the name stands behind it
};

/// Lays out the rows of a ChatModel and remembers their texts.
class MessageLayouts
{
public:
    /// @p width is the row's.
    RowGeometry geometry(const QModelIndex &index, int width, const widgets::Tokens &tokens);
    const MessageText &text(const QModelIndex &index, int width, const widgets::Tokens &tokens);
    /// After a change of fonts or colours, or a new model.
    void forget() { m_texts.clear(); }

private:
    void placeBubble(const QModelIndex &index, int width, const widgets::Tokens &tokens, RowGeometry &row);
    static void placeNote(const QModelIndex &index, int width, RowGeometry &row);

    QCache<QString, MessageText> m_texts{ 3000 };
};

/// "14:05", "edited 14:05".
QString timeText(const QModelIndex &index);
/// "Today", "Yesterday", "Sunday, 22 November 2026".
QString dayText(const QDate &day, const QDate &today);
/// What there is to say about a message of our own that is not confirmed; empty for others.
QString noteText(const QModelIndex &index);

} // namespace godwit::chat
