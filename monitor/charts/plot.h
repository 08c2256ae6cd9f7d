// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/charts/customplot.h"
#include "monitor/models/metricshistory.h"

#include <optional>

namespace godwit::charts {

class ValueTicker;

/// The picture of a TimeChart: lines over the time of day, what is missing as a shaded stretch, and a crosshair. Knows
/// nothing of what the figures mean. Keys are seconds since 1970.
class Plot : public QCustomPlot
{
    Q_OBJECT

public:
    explicit Plot(int lines, QWidget *parent = nullptr);

    void setLine(int line, const QList<models::PlotPoint> &points);
    void setGaps(const QList<models::MetricsGap> &gaps);
    void setTime(Timestamp from, Timestamp to);
    /// Always from 0 to @p upper; without one, as high as the lines are.
    void setUpper(std::optional<double> upper) { m_fixedUpper = upper; }
    /// A fitted scale never ends lower: the noise of an idle server is no mountain range.
    void setLeastUpper(double upper) { m_leastUpper = upper; }
    /// A scale from the lowest to the highest of the lines and not from 0: for what is never near 0. It spans at least
    /// @p span. Without a reading there is no scale, and the plot says that there is none.
    void setLeastSpan(double span);
    void setCrosshair(std::optional<Timestamp> at);
    /// Greyed: what is shown is old.
    void setStale(bool stale);
    /// To be called after a change; draws at once.
    void draw();

Q_SIGNALS:
    /// The time under the mouse; nothing once it has left.
    void hovered(std::optional<godwit::Timestamp> time);

protected:
    void changeEvent(QEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void colour();
    void fitValues();
    void fitBetween(double leastSpan);
    void placeGaps();

    struct GapItem
    {
        QCPItemRect *area = nullptr;
        QCPItemText *label = nullptr;
    };
    GapItem makeGapItem();

    std::optional<double> m_fixedUpper;
    std::optional<double> m_leastSpan;
    double m_leastUpper = 1;
    double m_upper = 0;
    QSharedPointer<ValueTicker> m_valueTicker; // shared with the axis, as QCustomPlot wants it
    bool m_isStale = false;
    bool m_isFilled = true; // below its first line
    QList<models::MetricsGap> m_gaps;
    QList<GapItem> m_gapItems;
    QCPItemStraightLine *m_crosshair = nullptr;
    QCPItemText *m_nothing = nullptr;
};

} // namespace godwit::charts
