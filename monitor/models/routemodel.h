// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/metrics.h"

#include <QAbstractTableModel>

namespace godwit::models {

/// The routes of the last sample, the busiest first.
class RouteModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { RouteColumn, RequestsColumn, P50Column, P99Column, ErrorsColumn, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    /// Rows that stay are changed in place, so that a selection stays with its row number.
    void setRoutes(QList<protocol::RouteMetrics> routes);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QList<protocol::RouteMetrics> m_routes;
};

} // namespace godwit::models
