// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/messagelayout.h"

#include "monitor/models/chatmodel.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QFontMetricsF>
#include <QLocale>
#include <QPainter>

#include <cmath>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using models::ChatModel;
using models::SendState;
using models::TextRange;
using widgets::textFont;
using widgets::Tokens;
using widgets::Type;
namespace space = widgets::space;

namespace {

constexpr qreal avatarSize = 32, sideMargin = space::l, bubbleLimit = 620;
constexpr qreal dayHeight = 44, unreadHeight = 28, gapHeight = 44;

QString viewText(const char *text)
{
    return QCoreApplication::translate("godwit::chat::MessageView", text);
}

SendState stateOf(const QModelIndex &index)
{
    return index.data(ChatModel::StateRole).value<SendState>();
}

} // namespace

MessageText::MessageText(const QString &text, const QFont &font, qreal maximumWidth, const QColor &linkColour)
{
    QString lines = text;
    lines.replace("\r\n"_L1, "\n"_L1).replace(u'\n', QChar(QChar::LineSeparator));
    m_links = models::findLinks(lines);
    m_isRightToLeft = lines.isRightToLeft();

    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    option.setTextDirection(m_isRightToLeft ? Qt::RightToLeft : Qt::LeftToRight);
    option.setAlignment((m_isRightToLeft ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignAbsolute);
    m_layout.setText(lines);
    m_layout.setFont(font);
    m_layout.setTextOption(option);
    m_layout.setCacheEnabled(true);
    QList<QTextLayout::FormatRange> formats;
    for (const TextRange &link : std::as_const(m_links)) {
        QTextLayout::FormatRange range;
        range.start = static_cast<int>(link.start);
        range.length = static_cast<int>(link.length);
        range.format.setForeground(linkColour);
        range.format.setFontUnderline(true);
        formats.append(range);
    }
    m_layout.setFormats(formats);
    // Once more in the width that is needed, so that right-aligned lines end where the bubble does.
    const qreal needed = std::ceil(breakLines(maximumWidth));
    breakLines(needed);
}

qreal MessageText::breakLines(qreal width)
{
    qreal height = 0, natural = 0;
    m_layout.beginLayout();
    for (QTextLine line = m_layout.createLine(); line.isValid(); line = m_layout.createLine()) {
        line.setLineWidth(width);
        line.setPosition({ 0, height });
        height += std::ceil(line.height() * 1.1);
        natural = std::max(natural, line.naturalTextWidth());
        m_lastLineWidth = line.naturalTextWidth();
    }
    m_layout.endLayout();
    m_size = { natural, height };
    return natural;
}

std::optional<QUrl> MessageText::linkAt(const QPointF &point) const
{
    for (int number = 0; number < m_layout.lineCount(); ++number) {
        const QTextLine line = m_layout.lineAt(number);
        if (!line.naturalTextRect().contains(point))
            continue;
        const int at = line.xToCursor(point.x(), QTextLine::CursorOnCharacter);
        for (const TextRange &link : m_links) {
            if (at >= link.start && at < link.start + link.length)
                return QUrl(m_layout.text().mid(link.start, link.length), QUrl::StrictMode);
        }
    }
    return {};
}

const MessageText &MessageLayouts::text(const QModelIndex &index, int width, const Tokens &tokens)
{
    const auto available = static_cast<int>(std::min(bubbleLimit, (width - 2 * sideMargin - avatarSize) * 0.82));
    const QString id = index.data(ChatModel::OffsetRole).toString()
        + QString::fromLatin1(index.data(ChatModel::LocalIdRole).toByteArray());
    const QString key = u"%1/%2"_s.arg(id).arg(available);
    if (const MessageText *known = m_texts.object(key))
        return *known;
    auto *made = new MessageText(index.data(ChatModel::TextRole).toString(), textFont(Type::Body),
                                 available - 2 * space::m, tokens.accent);
    m_texts.insert(key, made);
    return *made; // NOLINT(clang-analyzer-cplusplus.NewDelete): the cost of one is within any cache's limit
}

RowGeometry MessageLayouts::geometry(const QModelIndex &index, int width, const Tokens &tokens)
{
    RowGeometry row;
    if (index.data(ChatModel::KindRole).value<ChatModel::RowKind>() == ChatModel::RowKind::Gap) {
        row.gap = QRectF(sideMargin, 0, width - 2 * sideMargin, gapHeight);
        row.height = gapHeight;
        return row;
    }
    if (index.data(ChatModel::StartsDayRole).toBool()) {
        row.day = QRectF(sideMargin, 0, width - 2 * sideMargin, dayHeight);
        row.height += dayHeight;
    }
    if (index.data(ChatModel::StartsUnreadRole).toBool()) {
        row.unread = QRectF(sideMargin, row.height, width - 2 * sideMargin, unreadHeight);
        row.height += unreadHeight;
    }
    placeBubble(index, width, tokens, row);
    placeNote(index, width, row);
    return row;
}

void MessageLayouts::placeBubble(const QModelIndex &index, int width, const Tokens &tokens, RowGeometry &row)
{
    const bool isOwn = index.data(ChatModel::OwnRole).toBool();
    const bool startsGroup = index.data(ChatModel::StartsGroupRole).toBool();
    const QFontMetricsF caption(textFont(Type::Caption));
    const MessageText &words = text(index, width, tokens);
    qreal top = row.height + (startsGroup ? space::s : 2);
    const qreal left = sideMargin + avatarSize + space::s;
    if (startsGroup && !isOwn) {
        row.name = QRectF(left + space::m, top, width - left - 2 * sideMargin, std::ceil(caption.height()));
        top += row.name.height() + 2;
    }
    // The time stands behind the last line if there is room, else below it.
    const qreal markWidth = isOwn ? 16 : 0;
    const QSizeF time(caption.horizontalAdvance(timeText(index)) + markWidth, std::ceil(caption.height()));
    const qreal beside = words.lastLineWidth() + space::m + time.width();
    const qreal limit = std::min(bubbleLimit, (width - 2 * sideMargin - avatarSize) * 0.82) - 2 * space::m;
    const bool fitsBeside = !words.isRightToLeft() && beside <= limit;
    const qreal innerWidth = std::max({ words.size().width(), time.width(), fitsBeside ? beside : 0 });
    const qreal innerHeight = words.size().height() + (fitsBeside ? 0 : time.height());
    const QSizeF bubble(std::ceil(innerWidth) + 2 * space::m, innerHeight + 2 * 7);

    row.bubble = QRectF({ isOwn ? width - sideMargin - bubble.width() : left, top }, bubble);
    const qreal textLeft
        = words.isRightToLeft() ? row.bubble.right() - space::m - words.size().width() : row.bubble.left() + space::m;
    row.text = QRectF({ textLeft, top + 7 }, words.size());
    row.time = QRectF(row.bubble.right() - space::m - time.width(), row.bubble.bottom() - 7 - time.height(),
                      time.width(), time.height());
    if (startsGroup && !isOwn)
        row.avatar = QRectF(sideMargin, row.name.top(), avatarSize, avatarSize);
    row.height = std::max(row.bubble.bottom(), row.avatar.bottom()) + 2;
}

void MessageLayouts::placeNote(const QModelIndex &index, int width, RowGeometry &row)
{
    const QString note = noteText(index);
    if (note.isEmpty())
        return;
    const QFontMetricsF caption(textFont(Type::Caption));
    const qreal height = std::ceil(caption.height()) + 4;
    qreal right = width - sideMargin;
    const auto place = [&](const QString &words) {
        const qreal wide = caption.horizontalAdvance(words);
        const QRectF rect(QPointF(std::max(sideMargin, right - wide), row.height + 2),
                          QPointF(right, row.height + 2 + height));
        right -= wide + space::m;
        return rect;
    };
    if (stateOf(index) == SendState::Unconfirmed || stateOf(index) == SendState::Refused) {
        row.discard = place(viewText("Discard"));
        row.resend = place(viewText("Send again"));
    }
    row.note = place(note);
    row.height += height + space::xs;
}

QString timeText(const QModelIndex &index)
{
    // Some locales, C among them, have seconds even in their short format.
    QString format = QLocale().timeFormat(QLocale::ShortFormat);
    format.remove(":ss"_L1);
    return QLocale().toString(index.data(ChatModel::TimeRole).toDateTime().time(), format);
}

QString dayText(const QDate &day, const QDate &today)
{
    if (day == today)
        return viewText("Today");
    if (day.addDays(1) == today)
        return viewText("Yesterday");
    return QLocale().toString(day, QLocale::LongFormat);
}

QString noteText(const QModelIndex &index)
{
    switch (stateOf(index)) {
    case SendState::Confirmed:
    case SendState::Sending:
        return {};
    case SendState::Waiting:
        return viewText("Waiting for the connection");
    case SendState::Unconfirmed:
        return viewText("Not confirmed: it may have arrived or not");
    case SendState::Refused:
        return viewText("Refused by the server");
    }
    return {};
}

} // namespace godwit::chat
