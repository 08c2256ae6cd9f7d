// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/models/readings.h"

#include <QFrame>

class QLabel;

namespace godwit::charts {

class Plot;

/// A card with one quantity of a place over time: its value now, and a line of averages between the lowest and the
/// highest where those are told.
class ReadingChart : public QFrame
{
    Q_OBJECT

public:
    /// @param leastSpan of the scale, so that noise does not look like news.
    ReadingChart(const QString &title, const QString &unit, double leastSpan, QWidget *parent = nullptr);

    void setValue(double value); ///< NaN: an en dash
    void draw(const models::ReadingLines &lines, Timestamp from, Timestamp to);
    void setStale(bool stale);
    QString valueText() const;

private:
    const QString m_unit;
    QLabel *m_value = nullptr;
    Plot *m_plot = nullptr;
};

} // namespace godwit::charts
