// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/pages/searchdelegate.h"

#include "monitor/models/searchmodel.h"
#include "monitor/widgets/theme.h"

#include <QPainter>
#include <QTextLayout>

namespace godwit::pages {

using models::MarkedText;
using models::SearchModel;
using models::TextRange;
using widgets::textFont;
using widgets::Tokens;
using widgets::Type;
namespace space = widgets::space;

namespace {

constexpr int snippetLines = 2;
constexpr qreal barWidth = 56, barHeight = 4;

/// Plain text with formats: whatever the server sent, nothing of it is read as markup.
void paintSnippet(QPainter &painter, const QRectF &rect, const MarkedText &snippet, const Tokens &tokens)
{
    QString text = snippet.text;
    text.replace(u'\n', u' ');
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    option.setTextDirection(text.isRightToLeft() ? Qt::RightToLeft : Qt::LeftToRight);
    QList<QTextLayout::FormatRange> formats;
    for (const TextRange &mark : snippet.marks) {
        QTextLayout::FormatRange range;
        range.start = static_cast<int>(mark.start);
        range.length = static_cast<int>(mark.length);
        range.format.setBackground(tokens.warningSoft);
        range.format.setForeground(tokens.warning);
        range.format.setFontWeight(QFont::DemiBold);
        formats.append(range);
    }
    QTextLayout layout(text, textFont(Type::Body));
    layout.setTextOption(option);
    layout.setFormats(formats);
    layout.beginLayout();
    qreal top = 0;
    for (int number = 0; number < snippetLines; ++number) {
        QTextLine line = layout.createLine();
        if (!line.isValid())
            break;
        line.setLineWidth(rect.width());
        line.setPosition({ 0, top });
        top += line.height();
    }
    layout.endLayout();
    layout.draw(&painter, rect.topLeft());
}

/// @return the width that it took, with its distance.
qreal paintRelevance(QPainter &painter, const QRectF &line, double relevance, const Tokens &tokens)
{
    const QRectF groove(line.right() - barWidth, line.center().y() - barHeight / 2, barWidth, barHeight);
    painter.setPen(Qt::NoPen);
    painter.setBrush(tokens.border);
    painter.drawRoundedRect(groove, barHeight / 2, barHeight / 2);
    const qreal width = std::max(barHeight, barWidth * qBound(0.0, relevance, 1.0));
    painter.setBrush(tokens.accent);
    painter.drawRoundedRect(QRectF(groove.topLeft(), QSizeF(width, barHeight)), barHeight / 2, barHeight / 2);
    return barWidth + space::m;
}

/// @return the width that it took, with its distance.
qreal paintKind(QPainter &painter, const QRectF &line, const QString &kind, const Tokens &tokens)
{
    painter.setFont(textFont(Type::Caption));
    const QFontMetricsF metrics(painter.font());
    const QSizeF size(metrics.horizontalAdvance(kind) + 14, metrics.height() + 2);
    const QRectF pill(QPointF(line.right() - size.width(), line.center().y() - size.height() / 2), size);
    painter.setPen(Qt::NoPen);
    painter.setBrush(tokens.sunken);
    painter.drawRoundedRect(pill, 4, 4);
    painter.setPen(tokens.mutedText);
    painter.drawText(pill, Qt::AlignCenter, kind);
    return size.width() + space::m;
}

} // namespace

void SearchDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Tokens &tokens = Tokens::of(*option.widget);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const bool isSelected = option.state.testFlag(QStyle::State_Selected);
    if (isSelected || option.state.testFlag(QStyle::State_MouseOver))
        painter->fillRect(option.rect, isSelected ? tokens.accentSoft : tokens.window);
    if (isSelected)
        painter->fillRect(QRect(option.rect.topLeft(), QSize(3, option.rect.height())), tokens.accent);
    painter->fillRect(QRect(option.rect.bottomLeft(), QSize(option.rect.width(), 1)), tokens.grid);

    const QRectF inner = QRectF(option.rect).adjusted(space::l, space::m, -space::l, -space::m);
    QFont heading = textFont(Type::Heading);
    const QFontMetricsF metrics(heading);
    QRectF line(inner.topLeft(), QSizeF(inner.width(), metrics.height()));
    line.setRight(line.right()
                  - paintRelevance(*painter, line, index.data(SearchModel::RelevanceRole).toDouble(), tokens));
    line.setRight(line.right() - paintKind(*painter, line, index.data(SearchModel::KindRole).toString(), tokens));
    painter->setFont(heading);
    painter->setPen(tokens.text);
    painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                      metrics.elidedText(index.data(SearchModel::TitleRole).toString(), Qt::ElideRight, line.width()));
    painter->setPen(tokens.mutedText);
    paintSnippet(*painter, inner.adjusted(0, metrics.height() + space::xs, 0, 0),
                 index.data(SearchModel::SnippetRole).value<MarkedText>(), tokens);
    painter->restore();
}

QSize SearchDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    const qreal text = QFontMetricsF(textFont(Type::Heading)).height() + space::xs
        + snippetLines * QFontMetricsF(textFont(Type::Body)).height();
    return { 200, qCeil(text) + 2 * space::m };
}

} // namespace godwit::pages
