// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/charts/sparkline.h"

#include "monitor/widgets/theme.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace godwit::charts {

using models::PlotPoint;

Sparkline::Sparkline(QWidget *parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAttribute(Qt::WA_TransparentForMouseEvents);
}

void Sparkline::setSeries(int series)
{
    m_series = series;
    update();
}

void Sparkline::setPoints(QList<PlotPoint> points, Timestamp from, Timestamp to)
{
    m_points = std::move(points);
    m_from = from;
    m_to = to;
    update();
}

/// One polygon for each stretch without a break.
QList<QPolygonF> Sparkline::lines() const
{
    double top = 0;
    for (const PlotPoint &point : m_points)
        top = std::isnan(point.value) ? top : std::max(top, point.value);
    const double span = static_cast<double>((m_to - m_from).count());
    const double scaleY = top > 0 ? (height() - 3) / top : 0;
    QList<QPolygonF> all;
    bool isOpen = false;
    for (const PlotPoint &point : m_points) {
        if (std::isnan(point.value)) {
            isOpen = false;
            continue;
        }
        if (!isOpen)
            all.append(QPolygonF());
        isOpen = true;
        all.last().append({ static_cast<double>((point.time - m_from).count()) / span * width(),
                            height() - 1.5 - point.value * scaleY });
    }
    return all;
}

void Sparkline::paintEvent(QPaintEvent *)
{
    if (m_to <= m_from)
        return;
    const widgets::Tokens &tokens = widgets::Tokens::of(*this);
    const QColor colour = isEnabled() ? tokens.series[static_cast<std::size_t>(m_series)] : tokens.control;
    QColor below = colour;
    below.setAlphaF(tokens.isDark ? 0.18F : 0.12F);

    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (const QPolygonF &line : lines()) {
        QPolygonF area = line;
        area.append({ line.last().x(), double(height()) });
        area.append({ line.first().x(), double(height()) });
        painter.setPen(Qt::NoPen);
        painter.setBrush(below);
        painter.drawPolygon(area);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(colour, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolyline(line);
    }
}

} // namespace godwit::charts
