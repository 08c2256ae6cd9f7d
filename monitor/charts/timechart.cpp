// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/charts/timechart.h"

#include "monitor/charts/plot.h"
#include "monitor/widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

#include <limits>

namespace godwit::charts {

using namespace Qt::StringLiterals;
namespace space = widgets::space;

/// The scale never ends below this, so that noise does not look like news.
static double leastUpper(models::Quantity quantity)
{
    if (quantity == models::Quantity::Count)
        return 4; // no half connections
    return quantity == models::Quantity::Milliseconds ? 0.1 : 1; // answers within 20 us are usual
}

TimeChart::TimeChart(Options options, QWidget *parent) : QFrame(parent), m_options(std::move(options))
{
    setProperty("role", u"card"_s);
    setAccessibleName(m_options.title);
    auto *title = new QLabel(m_options.title);
    title->setFont(widgets::textFont(widgets::Type::Heading));
    auto *unit = new QLabel(m_options.unit);
    unit->setProperty("role", u"muted"_s);
    m_title = new QHBoxLayout;
    m_title->setSpacing(space::s);
    m_title->addWidget(title);
    m_title->addWidget(unit);
    m_title->addStretch();
    m_legend = makeLegend();
    m_head = new QHBoxLayout;
    m_head->setSpacing(space::xs);
    m_head->addLayout(m_title, 1);
    m_head->addLayout(m_legend);
    m_plot = new Plot(static_cast<int>(m_options.lines.size()));
    m_plot->setUpper(m_options.upper);
    m_plot->setLeastUpper(leastUpper(m_options.quantity));
    m_plot->setAccessibleName(m_options.title);
    connect(m_plot, &Plot::hovered, this, &TimeChart::hovered);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::m, space::s, space::s, space::s);
    layout->setSpacing(space::xs);
    layout->addLayout(m_head);
    layout->addWidget(m_plot, 1);
    colourLegend();
}

QBoxLayout *TimeChart::makeLegend()
{
    auto *legend = new QHBoxLayout;
    legend->setSpacing(space::xs);
    for (const Line &line : std::as_const(m_options.lines)) {
        auto *swatch = new QLabel;
        auto *name = new QLabel(line.name);
        name->setProperty("role", u"muted"_s);
        auto *value = new QLabel;
        value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        // As wide as a large figure, so that the legend does not jump with each sample.
        value->setMinimumWidth(value->fontMetrics().horizontalAdvance(
            m_options.quantity == models::Quantity::Count ? u"999"_s : u"88.8 ms"_s));
        legend->addSpacing(space::s);
        legend->addWidget(swatch);
        legend->addWidget(name);
        legend->addWidget(value);
        m_swatches.append(swatch);
        m_values.append(value);
    }
    legend->addStretch();
    return legend;
}

void TimeChart::draw(const models::MetricsHistory &history, Timestamp from, Timestamp to)
{
    m_plot->setTime(from, to);
    const qsizetype limit = std::max(200, m_plot->width());
    for (int i = 0; i < m_options.lines.size(); ++i)
        m_plot->setLine(i, history.series(m_options.lines[i].metric, from, to, limit));
    m_plot->setGaps(history.gaps(from, to));
    m_plot->setCrosshair(m_crosshair);
    m_plot->draw();
    showValues(history, m_crosshair.value_or(to));
}

void TimeChart::showValues(const models::MetricsHistory &history, Timestamp at)
{
    const models::MetricsPoint *point = history.nearest(at);
    // The last sample stands for now until it counts as old.
    if (!point && !m_crosshair)
        point = history.nearest(at - models::MetricsHistory::gapAfter / 2);
    for (int i = 0; i < m_options.lines.size(); ++i) {
        const double value = point ? (*point)[m_options.lines[i].metric] : std::numeric_limits<double>::quiet_NaN();
        m_values[i]->setText(models::format(value, m_options.quantity).text());
    }
}

void TimeChart::setStale(bool stale)
{
    if (m_isStale == stale)
        return;
    m_isStale = stale;
    m_plot->setStale(stale);
    colourLegend();
}

QString TimeChart::valueText(int line) const
{
    return m_values.at(line)->text();
}

void TimeChart::colourLegend()
{
    static constexpr QSize size{ 12, 12 };

    const widgets::Tokens &tokens = widgets::Tokens::of(*this);
    for (qsizetype i = 0; i < m_swatches.size(); ++i) {
        QPixmap swatch(size * devicePixelRatioF());
        swatch.setDevicePixelRatio(devicePixelRatioF());
        swatch.fill(Qt::transparent);
        QPainter painter(&swatch);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_isStale ? tokens.control : tokens.series[static_cast<std::size_t>(i)]);
        painter.drawRoundedRect(QRectF(1, 4, 10, 4), 2, 2);
        m_swatches[i]->setPixmap(swatch);
    }
}

/// The legend goes below the title where both do not fit beside each other.
void TimeChart::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    const int needed = m_title->sizeHint().width() + m_legend->sizeHint().width() + space::l;
    const bool isNarrow = needed > contentsRect().width() - layout()->contentsMargins().left() * 2;
    m_head->setDirection(isNarrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
}

void TimeChart::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        colourLegend();
    QFrame::changeEvent(event);
}

} // namespace godwit::charts
