// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/roomdelegate.h"

#include "monitor/models/roommodel.h"
#include "monitor/widgets/theme.h"

#include <QCoreApplication>
#include <QPainter>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using models::RoomModel;
using widgets::textFont;
using widgets::Tokens;
using widgets::Type;
namespace space = widgets::space;

/// What was said to us stands out more than what is merely unread.
/// @return the width that the count took, with its distance.
static qreal paintUnread(QPainter &painter, const QRectF &line, int unread, int mentions, const Tokens &tokens,
                         const QColor &quiet)
{
    QFont font = textFont(Type::Caption);
    font.setWeight(QFont::DemiBold);
    const int count = mentions > 0 ? mentions : unread;
    const QString number = count > 99 ? u"99+"_s : QString::number(count);
    const QString words = mentions > 0 ? u"@"_s + number : number;
    const qreal height = QFontMetricsF(font).height() + 2;
    const qreal width = std::max(height, QFontMetricsF(font).horizontalAdvance(words) + 12);
    const QRectF pill(line.right() - width, line.center().y() - height / 2, width, height);
    painter.setPen(Qt::NoPen);
    painter.setBrush(mentions > 0 ? tokens.accent : quiet);
    painter.drawRoundedRect(pill, height / 2, height / 2);
    painter.setFont(font);
    painter.setPen(mentions > 0 ? tokens.onAccent : tokens.accent);
    painter.drawText(pill, Qt::AlignCenter, words);
    return width + space::s;
}

static QString secondLine(const QModelIndex &index)
{
    QString preview = index.data(RoomModel::PreviewRole).toString();
    if (!preview.isEmpty())
        return preview;
    if (!index.data(RoomModel::JoinedRole).toBool())
        return QCoreApplication::translate("godwit::chat::RoomDelegate", "Not joined");
    return index.data(RoomModel::LiveRole).toBool()
        ? QCoreApplication::translate("godwit::chat::RoomDelegate", "No messages yet")
        : QCoreApplication::translate("godwit::chat::RoomDelegate", "Not connected");
}

void RoomDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Tokens &tokens = Tokens::of(*option.widget);
    const bool isJoined = index.data(RoomModel::JoinedRole).toBool();
    const int mentions = index.data(RoomModel::MentionsRole).toInt();
    const int unread = std::max(index.data(RoomModel::UnreadRole).toInt(), mentions);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRectF row = QRectF(option.rect).adjusted(space::s, 1, -space::s, -1);
    const bool isSelected = option.state.testFlag(QStyle::State_Selected);
    if (isSelected || option.state.testFlag(QStyle::State_MouseOver)) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(isSelected ? tokens.accentSoft : tokens.sunken);
        painter->drawRoundedRect(row, 6, 6);
    }
    if (option.state.testFlag(QStyle::State_HasFocus)) {
        painter->setPen(QPen(tokens.accent, 2));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(row.adjusted(1, 1, -1, -1), 6, 6);
    }
    QRectF inner = row.adjusted(space::m, 6, -space::m, -6);
    if (unread > 0)
        inner.setRight(
            inner.right()
            - paintUnread(*painter, inner, unread, mentions, tokens, isSelected ? tokens.surface : tokens.accentSoft));

    QFont name = textFont(Type::Body);
    name.setWeight(unread > 0 ? QFont::Bold : QFont::Normal);
    painter->setFont(name);
    painter->setPen(isJoined || unread > 0 ? tokens.text : tokens.mutedText);
    const QFontMetricsF nameMetrics(name);
    const QString title = u"# "_s + index.data(RoomModel::NameRole).toString();
    painter->drawText(QRectF(inner.topLeft(), QSizeF(inner.width(), nameMetrics.height())), Qt::AlignLeft,
                      nameMetrics.elidedText(title, Qt::ElideRight, inner.width()));

    const QString second = secondLine(index);
    painter->setFont(textFont(Type::Caption));
    painter->setPen(tokens.mutedText);
    const QFontMetricsF captionMetrics(painter->font());
    painter->drawText(
        QRectF(inner.left(), inner.bottom() - captionMetrics.height(), inner.width(), captionMetrics.height()),
        Qt::AlignLeft, captionMetrics.elidedText(second, Qt::ElideRight, inner.width()));
    painter->restore();
}

QSize RoomDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    const qreal lines = QFontMetricsF(textFont(Type::Body)).height() + QFontMetricsF(textFont(Type::Caption)).height();
    return { 120, qCeil(lines) + 2 + 2 * 6 + 2 };
}

} // namespace godwit::chat
