// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/models/metricshistory.h"

#include <QColor>
#include <QWidget>

namespace godwit::charts {

/// A small line without axes: the shape of the last minutes.
class Sparkline : public QWidget
{
    Q_OBJECT

public:
    explicit Sparkline(QWidget *parent = nullptr);

    /// @param series one of Tokens::series.
    void setSeries(int series);
    void setPoints(QList<models::PlotPoint> points, Timestamp from, Timestamp to);

    QSize sizeHint() const override { return { 96, 28 }; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QList<QPolygonF> lines() const;

    int m_series = 0;
    QList<models::PlotPoint> m_points;
    Timestamp m_from{}, m_to{};
};

} // namespace godwit::charts
