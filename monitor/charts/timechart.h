// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/models/metricshistory.h"
#include "monitor/models/units.h"

#include <QFrame>
#include <QList>

#include <optional>

class QBoxLayout;
class QLabel;

namespace godwit::charts {

class Plot;

/// A card with a title, a legend that carries the values, and the lines of some metrics over time.
class TimeChart : public QFrame
{
    Q_OBJECT

public:
    struct Line
    {
        QString name;
        models::Metric metric;
    };
    struct Options
    {
        QString title;
        QString unit; ///< of the axis, beside the title; may be empty
        models::Quantity quantity = models::Quantity::Count;
        QList<Line> lines; ///< at most five
        std::optional<double> upper; ///< of the axis; fitted if empty
    };

    explicit TimeChart(Options options, QWidget *parent = nullptr);

    /// Draws [@p from, @p to] of @p history; the legend shows the values at the crosshair, else those at @p to.
    void draw(const models::MetricsHistory &history, Timestamp from, Timestamp to);
    /// Shown from the next draw() on.
    void setCrosshair(std::optional<Timestamp> at) { m_crosshair = at; }
    void setStale(bool stale);

    /// What the legend says of a line, without its name.
    QString valueText(int line) const;

Q_SIGNALS:
    void hovered(std::optional<godwit::Timestamp> time);

protected:
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    QBoxLayout *makeLegend();
    void colourLegend();
    void showValues(const models::MetricsHistory &history, Timestamp at);

    Options m_options;
    std::optional<Timestamp> m_crosshair;
    bool m_isStale = false;
    Plot *m_plot = nullptr;
    QBoxLayout *m_head = nullptr, *m_title = nullptr, *m_legend = nullptr;
    QList<QLabel *> m_swatches, m_values;
};

} // namespace godwit::charts
