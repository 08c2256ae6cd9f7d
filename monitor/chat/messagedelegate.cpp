// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/messagedelegate.h"

#include "monitor/chat/namecolour.h"
#include "monitor/models/chatmodel.h"
#include "monitor/widgets/icons.h"

#include <QAbstractItemView>
#include <QCoreApplication>
#include <QDateTime>
#include <QPainter>
#include <QPainterPath>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using models::ChatModel;
using models::SendState;
using widgets::textFont;
using widgets::Tokens;
using widgets::Type;
namespace space = widgets::space;

namespace {

QString translated(const char *text)
{
    return QCoreApplication::translate("godwit::chat::MessageView", text);
}

/// A line across with words in its middle.
void paintRule(QPainter &painter, const QRectF &rect, const QString &words, const QColor &line, const QColor &text)
{
    QFont font = textFont(Type::Caption);
    font.setWeight(QFont::DemiBold);
    const qreal wide = QFontMetricsF(font).horizontalAdvance(words);
    const qreal middle = std::floor(rect.center().y()) + 0.5;
    const qreal leftEnd = rect.center().x() - wide / 2 - space::m, rightStart = rect.center().x() + wide / 2 + space::m;
    painter.setPen(QPen(line, 1));
    painter.drawLine(QPointF(rect.left(), middle), QPointF(leftEnd, middle));
    painter.drawLine(QPointF(rightStart, middle), QPointF(rect.right(), middle));
    painter.setFont(font);
    painter.setPen(text);
    painter.drawText(rect, Qt::AlignCenter, words);
}

/// One tick for "stored", a clock while it is not.
void paintMark(QPainter &painter, const QRectF &time, SendState state, const QColor &colour)
{
    const QRectF box(time.right() - 11, time.center().y() - 5.5, 11, 11);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colour, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    QPainterPath path;
    if (state == SendState::Confirmed) {
        path.moveTo(box.left() + 1, box.center().y() + 0.5);
        path.lineTo(box.left() + 4, box.bottom() - 2);
        path.lineTo(box.right(), box.top() + 2);
    } else {
        path.addEllipse(box.adjusted(1, 1, -1, -1));
        path.moveTo(box.center().x(), box.top() + 3.2);
        path.lineTo(box.center());
        path.lineTo(box.right() - 3.4, box.center().y() + 1.2);
    }
    painter.drawPath(path);
}

/// Like a rounded rectangle, with the corner towards the writer sharp at the start of a group.
QPainterPath bubblePath(const QRectF &rect, bool isOwn, bool startsGroup)
{
    constexpr qreal radius = 12;
    QPainterPath path;
    path.addRoundedRect(rect, radius, radius);
    if (!startsGroup)
        return path;
    path.setFillRule(Qt::WindingFill);
    const QPointF corner = isOwn ? QPointF(rect.right() - radius, rect.top()) : rect.topLeft();
    path.addRoundedRect(QRectF(corner, QSizeF(radius, radius)), 3, 3);
    return path.simplified();
}

/// At the side of what was said to us.
void paintMentionBar(QPainter &painter, const QRectF &bubble, const Tokens &tokens)
{
    constexpr qreal width = 3;
    painter.setPen(Qt::NoPen);
    painter.setBrush(tokens.accent);
    painter.drawRoundedRect(QRectF(bubble.left() - width - 2, bubble.top() + 2, width, bubble.height() - 4), 1.5, 1.5);
}

void paintBubble(QPainter &painter, const RowGeometry &row, const QModelIndex &index, const Tokens &tokens,
                 bool isSelected)
{
    const bool isOwn = index.data(ChatModel::OwnRole).toBool();
    const auto state = index.data(ChatModel::StateRole).value<SendState>();
    const bool isRefused = state == SendState::Refused;
    const bool isDeleted = index.data(ChatModel::DeletedRole).toBool();
    QColor fill = isOwn ? tokens.accentSoft : tokens.sunken;
    if (isRefused)
        fill = tokens.warningSoft;
    painter.setBrush(isDeleted ? QBrush(Qt::NoBrush) : QBrush(fill));
    painter.setPen(isSelected ? QPen(tokens.accent, 2) : isDeleted ? QPen(tokens.border, 1) : QPen(Qt::NoPen));
    const QRectF outline = isDeleted ? row.bubble.adjusted(0.5, 0.5, -0.5, -0.5) : row.bubble;
    painter.drawPath(bubblePath(outline, isOwn, index.data(ChatModel::StartsGroupRole).toBool()));
    if (index.data(ChatModel::MentionsMeRole).toBool())
        paintMentionBar(painter, row.bubble, tokens);

    painter.setFont(textFont(Type::Caption));
    const QColor quiet = isRefused ? tokens.warning : tokens.mutedText;
    painter.setPen(quiet);
    painter.drawText(row.time, Qt::AlignLeft | Qt::AlignVCenter, timeText(index));
    if (isOwn && !isDeleted)
        paintMark(painter, row.time, state, state == SendState::Confirmed ? tokens.accent : quiet);
}

/// Like a link, which it is.
void paintFile(QPainter &painter, const QRectF &rect, const QString &name, const Tokens &tokens)
{
    const QRectF icon(rect.left(), rect.center().y() - RowGeometry::fileIcon / 2, RowGeometry::fileIcon,
                      RowGeometry::fileIcon);
    widgets::lineIcon(u"document"_s, tokens.accent).paint(&painter, icon.toAlignedRect());
    QFont font = textFont(Type::Body);
    font.setUnderline(true);
    painter.setFont(font);
    painter.setPen(tokens.accent);
    const QRectF words = rect.adjusted(RowGeometry::fileIcon + space::xs, 0, 0, 0);
    // The end of a name says what it is.
    const QString fitting = QFontMetricsF(font).elidedText(name, Qt::ElideMiddle, words.width() + 1);
    painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter, fitting);
}

void paintNote(QPainter &painter, const RowGeometry &row, const QModelIndex &index, const Tokens &tokens)
{
    const bool isWaiting = index.data(ChatModel::StateRole).value<SendState>() == SendState::Waiting;
    QFont font = textFont(Type::Caption);
    painter.setFont(font);
    painter.setPen(isWaiting ? tokens.mutedText : tokens.warning);
    const QString note = QFontMetricsF(font).elidedText(noteText(index), Qt::ElideRight, row.note.width() + 1);
    painter.drawText(row.note, Qt::AlignRight | Qt::AlignVCenter, note);
    if (row.resend.isNull())
        return;
    font.setUnderline(true);
    painter.setFont(font);
    painter.setPen(tokens.accent);
    painter.drawText(row.resend, Qt::AlignRight | Qt::AlignVCenter, translated("Send again"));
    painter.drawText(row.discard, Qt::AlignRight | Qt::AlignVCenter, translated("Discard"));
}

} // namespace

void MessageDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Tokens &tokens = Tokens::of(*option.widget);
    const RowGeometry row = m_layouts.geometry(index, option.rect.width(), tokens);
    painter->save();
    painter->setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    painter->translate(option.rect.topLeft());
    if (!row.day.isNull()) {
        const QDate day = index.data(ChatModel::TimeRole).toDateTime().date();
        paintRule(*painter, row.day, dayText(day, QDate::currentDate()), tokens.border, tokens.mutedText);
    }
    if (!row.unread.isNull())
        paintRule(*painter, row.unread, translated("New messages"), tokens.accent, tokens.accent);
    const QString user = index.data(ChatModel::UserRole).toString();
    if (!row.avatar.isNull())
        paintAvatar(*painter, row.avatar, user, tokens);
    if (!row.name.isNull()) {
        QFont name = textFont(Type::Caption);
        name.setWeight(QFont::DemiBold);
        painter->setFont(name);
        painter->setPen(nameColour(user, tokens));
        const QString fitting = QFontMetricsF(name).elidedText(user, Qt::ElideRight, row.name.width());
        painter->drawText(row.name, Qt::AlignLeft | Qt::AlignVCenter, fitting);
    }
    paintBubble(*painter, row, index, tokens, option.state.testFlag(QStyle::State_Selected));
    painter->setPen(index.data(ChatModel::DeletedRole).toBool() ? tokens.mutedText : tokens.text);
    m_layouts.text(index, option.rect.width(), tokens).paint(*painter, row.text.topLeft());
    if (!row.file.isNull())
        paintFile(*painter, row.file, index.data(ChatModel::FileRole).toString(), tokens);
    if (!row.note.isNull())
        paintNote(*painter, row, index, tokens);
    painter->restore();
}

QSize MessageDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto *view = qobject_cast<const QAbstractItemView *>(option.widget);
    const int width = view ? view->viewport()->width() : option.rect.width();
    return { width, qCeil(m_layouts.geometry(index, width, Tokens::of(*option.widget)).height) };
}

MessageTarget MessageDelegate::targetAt(const QPoint &point, const QModelIndex &index, const QWidget &view,
                                        int width) const
{
    using Kind = MessageTarget::Kind;
    const Tokens &tokens = Tokens::of(view);
    const RowGeometry row = m_layouts.geometry(index, width, tokens);
    if (row.resend.contains(point))
        return { Kind::Resend, {} };
    if (row.discard.contains(point))
        return { Kind::Discard, {} };
    if (row.file.contains(point))
        return { Kind::File, {} };
    if (row.text.contains(point)) {
        if (const auto link = m_layouts.text(index, width, tokens).linkAt(point - row.text.topLeft()))
            return { Kind::Link, *link };
    }
    return {};
}

} // namespace godwit::chat
