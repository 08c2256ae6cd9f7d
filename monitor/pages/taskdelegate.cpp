// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/pages/taskdelegate.h"

#include "monitor/models/taskmodel.h"
#include "monitor/widgets/theme.h"

#include <QApplication>
#include <QPainter>

namespace godwit::pages {

using namespace Qt::StringLiterals;
using models::TaskModel;
using protocol::TaskStatus;
using widgets::textFont;
using widgets::Tokens;
using widgets::Type;
namespace space = widgets::space;

/// The cell without its text: selection and row line as in the other columns.
static void paintGround(QPainter &painter, const QStyleOptionViewItem &option)
{
    QStyleOptionViewItem ground = option;
    ground.text.clear();
    option.widget->style()->drawControl(QStyle::CE_ItemViewItem, &ground, &painter, option.widget);
}

static TaskStatus statusOf(const QModelIndex &index)
{
    return index.data(TaskModel::StatusRole).value<TaskStatus>();
}

static QColor colourOf(TaskStatus status, const Tokens &tokens)
{
    switch (status) {
    case TaskStatus::Running:
        return tokens.accent;
    case TaskStatus::Completed:
        return tokens.ok;
    case TaskStatus::Failed:
        return tokens.danger;
    case TaskStatus::Queued:
    case TaskStatus::Cancelled:
        return tokens.mutedText;
    }
    Q_UNREACHABLE();
}

static QColor softColourOf(TaskStatus status, const Tokens &tokens)
{
    switch (status) {
    case TaskStatus::Running:
        return tokens.accentSoft;
    case TaskStatus::Completed:
        return tokens.okSoft;
    case TaskStatus::Failed:
        return tokens.dangerSoft;
    case TaskStatus::Queued:
    case TaskStatus::Cancelled:
        return tokens.sunken;
    }
    Q_UNREACHABLE();
}

void ProgressDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    paintGround(*painter, option);
    const Tokens &tokens = Tokens::of(*option.widget);
    const double share = qBound(0.0, index.data(TaskModel::ProgressRole).toDouble() / 100, 1.0);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setFont(textFont(Type::Caption));
    const QFontMetricsF metrics(painter->font());
    const qreal words = metrics.horizontalAdvance(u"100 %"_s) + 2;
    const QRectF cell = QRectF(option.rect).adjusted(space::s, 0, -space::s, 0);
    const QRectF groove(cell.left(), cell.center().y() - 3, cell.width() - words - space::s, 6);
    painter->setPen(Qt::NoPen);
    painter->setBrush(option.state.testFlag(QStyle::State_Selected) ? tokens.surface : tokens.sunken);
    painter->drawRoundedRect(groove, 3, 3);
    if (share > 0) {
        // Never narrower than its round ends.
        const qreal width = std::max(groove.height(), groove.width() * share);
        painter->setBrush(colourOf(statusOf(index), tokens));
        painter->drawRoundedRect(QRectF(groove.topLeft(), QSizeF(width, groove.height())), 3, 3);
    }
    painter->setPen(tokens.mutedText);
    painter->drawText(cell, Qt::AlignRight | Qt::AlignVCenter, index.data().toString());
    painter->restore();
}

void StatusDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    paintGround(*painter, option);
    const Tokens &tokens = Tokens::of(*option.widget);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    QFont font = textFont(Type::Caption);
    font.setWeight(QFont::DemiBold);
    painter->setFont(font);
    const QFontMetricsF metrics(font);
    const QString words = index.data().toString();
    const QSizeF size(metrics.horizontalAdvance(words) + 2 * 9, metrics.height() + 4);
    const QRectF pill(QPointF(option.rect.left() + space::s, option.rect.center().y() + 0.5 - size.height() / 2), size);
    painter->setPen(Qt::NoPen);
    painter->setBrush(softColourOf(statusOf(index), tokens));
    painter->drawRoundedRect(pill, size.height() / 2, size.height() / 2);
    painter->setPen(colourOf(statusOf(index), tokens));
    painter->drawText(pill, Qt::AlignCenter, words);
    painter->restore();
}

} // namespace godwit::pages
