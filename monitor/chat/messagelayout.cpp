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
constexpr qreal dayHeight = 44, unreadHeight = 28;

QString viewText(const char *text)
{
    return QCoreApplication::translate("godwit::chat::MessageView", text);
}

SendState stateOf(const QModelIndex &index)
{
    return index.data(ChatModel::StateRole).value<SendState>();
}

bool hasText(const QModelIndex &index)
{
    return !index.data(ChatModel::TextRole).toString().isEmpty();
}

/// Of the line that names a message's file; empty without one.
QSizeF fileSize(const QModelIndex &index, qreal limit)
{
    const QString name = index.data(ChatModel::FileRole).toString();
    if (name.isEmpty())
        return {};
    const QFontMetricsF metrics(textFont(Type::Body));
    const qreal wanted = RowGeometry::fileIcon + space::xs + std::ceil(metrics.horizontalAdvance(name));
    return { std::min(limit, wanted), std::ceil(metrics.height() * 1.1) };
}

} // namespace

MessageText::MessageText(const QString &text, qreal maximumWidth, const Style &style)
{
    QString lines = text;
    lines.replace("\r\n"_L1, "\n"_L1).replace(u'\n', QChar(QChar::LineSeparator));
    m_isRightToLeft = lines.isRightToLeft();

    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    option.setTextDirection(m_isRightToLeft ? Qt::RightToLeft : Qt::LeftToRight);
    option.setAlignment((m_isRightToLeft ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignAbsolute);
    m_layout.setText(lines);
    m_layout.setFont(style.font);
    m_layout.setTextOption(option);
    m_layout.setCacheEnabled(true);
    m_layout.setFormats(formatsOf(lines, style));
    // Once more in the width that is needed, so that right-aligned lines end where the bubble does.
    const qreal needed = std::ceil(breakLines(maximumWidth));
    breakLines(needed);
}

QList<QTextLayout::FormatRange> MessageText::formatsOf(const QString &text, const Style &style)
{
    QList<QTextLayout::FormatRange> formats;
    const auto add = [&formats](const TextRange &where, const QTextCharFormat &format) {
        formats.append(
            { .start = static_cast<int>(where.start), .length = static_cast<int>(where.length), .format = format });
    };
    m_links = models::findLinks(text);
    QTextCharFormat link;
    link.setForeground(style.link);
    link.setFontUnderline(true);
    for (const TextRange &one : std::as_const(m_links))
        add(one, link);
    const QList<TextRange> mentions = models::findMentions(text);
    for (const TextRange &one : mentions) {
        const bool isInLink = std::any_of(m_links.cbegin(), m_links.cend(), [&one](const TextRange &range) {
            return one.start >= range.start && one.start < range.start + range.length;
        });
        if (isInLink)
            continue;
        QTextCharFormat name;
        name.setForeground(style.mention);
        name.setFontWeight(QFont::DemiBold);
        if (QStringView(text).sliced(one.start + 1, one.length - 1).compare(style.user, Qt::CaseInsensitive) == 0)
            name.setBackground(style.mentionOfUs);
        add(one, name);
    }
    return formats;
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
    const QString key = u"%1/%2/%3"_s.arg(id).arg(index.data(ChatModel::RevisionRole).toLongLong()).arg(available);
    if (const MessageText *known = m_texts.object(key))
        return *known;
    MessageText::Style style{ .font = textFont(Type::Body),
                              .link = tokens.accent,
                              .mention = tokens.accent,
                              .mentionOfUs = tokens.accentSoft,
                              .user = {} };
    style.font.setItalic(index.data(ChatModel::DeletedRole).toBool());
    if (const auto *model = qobject_cast<const ChatModel *>(index.model()))
        style.user = model->ownUser();
    auto *made = new MessageText(index.data(ChatModel::TextRole).toString(), available - 2 * space::m, style);
    m_texts.insert(key, made);
    return *made; // NOLINT(clang-analyzer-cplusplus.NewDelete): the cost of one is within any cache's limit
}

RowGeometry MessageLayouts::geometry(const QModelIndex &index, int width, const Tokens &tokens)
{
    RowGeometry row;
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
    const qreal markWidth = isOwn && !index.data(ChatModel::DeletedRole).toBool() ? 16 : 0;
    const QSizeF time(caption.horizontalAdvance(timeText(index)) + markWidth, std::ceil(caption.height()));
    const qreal limit = std::min(bubbleLimit, (width - 2 * sideMargin - avatarSize) * 0.82) - 2 * space::m;
    const QSizeF file = fileSize(index, limit);
    const qreal textHeight = hasText(index) ? words.size().height() : 0;
    const qreal beside = (file.isEmpty() ? words.lastLineWidth() : file.width()) + space::m + time.width();
    const bool fitsBeside = (!words.isRightToLeft() || !file.isEmpty()) && beside <= limit;
    const qreal innerWidth = std::max({ words.size().width(), file.width(), time.width(), fitsBeside ? beside : 0 });
    const qreal innerHeight = textHeight + file.height() + (fitsBeside ? 0 : time.height());
    const QSizeF bubble(std::ceil(innerWidth) + 2 * space::m, innerHeight + 2 * 7);

    row.bubble = QRectF({ isOwn ? width - sideMargin - bubble.width() : left, top }, bubble);
    const qreal textLeft
        = words.isRightToLeft() ? row.bubble.right() - space::m - words.size().width() : row.bubble.left() + space::m;
    row.text = QRectF({ textLeft, top + 7 }, QSizeF(words.size().width(), textHeight));
    if (!file.isEmpty())
        row.file = QRectF({ row.bubble.left() + space::m, top + 7 + textHeight }, file);
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
    if (stateOf(index) == SendState::Refused) {
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
    const QString time = QLocale().toString(index.data(ChatModel::TimeRole).toDateTime().time(), format);
    return index.data(ChatModel::EditedRole).toBool() ? viewText("edited %1").arg(time) : time;
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
    const QString problem = index.data(ChatModel::ProblemRole).toString();
    switch (stateOf(index)) {
    case SendState::Confirmed:
    case SendState::Sending:
        return {};
    case SendState::Waiting:
        return problem.isEmpty() ? viewText("Waiting for the connection")
                                 : viewText("Sent again soon: %1").arg(problem);
    case SendState::Refused:
        return viewText("Not sent: %1").arg(problem);
    }
    return {};
}

} // namespace godwit::chat
