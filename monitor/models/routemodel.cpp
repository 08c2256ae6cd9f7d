// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/models/routemodel.h"

#include "monitor/models/units.h"

#include <algorithm>

namespace godwit::models {

using protocol::RouteMetrics;

void RouteModel::setRoutes(QList<RouteMetrics> routes)
{
    std::stable_sort(routes.begin(), routes.end(), [](const RouteMetrics &a, const RouteMetrics &b) {
        return a.requestsPerSecond > b.requestsPerSecond;
    });
    const int before = static_cast<int>(m_routes.size());
    const int after = static_cast<int>(routes.size());
    if (after > before) {
        beginInsertRows({}, before, after - 1);
        m_routes = std::move(routes);
        endInsertRows();
    } else if (after < before) {
        beginRemoveRows({}, after, before - 1);
        m_routes = std::move(routes);
        endRemoveRows();
    } else {
        m_routes = std::move(routes);
    }
    if (after > 0)
        Q_EMIT dataChanged(index(0, 0), index(after - 1, ColumnCount - 1));
}

int RouteModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_routes.size());
}

int RouteModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

static QString text(const RouteMetrics &route, int column)
{
    switch (column) {
    case RouteModel::RouteColumn:
        return route.route;
    case RouteModel::RequestsColumn:
        return format(route.requestsPerSecond, Quantity::Rate).number;
    case RouteModel::P50Column:
        return format(route.p50Ms, Quantity::Milliseconds).text();
    case RouteModel::P99Column:
        return format(route.p99Ms, Quantity::Milliseconds).text();
    case RouteModel::ErrorsColumn:
        return format(route.errorsPerSecond, Quantity::Rate).number;
    default:
        return {};
    }
}

QVariant RouteModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return text(m_routes.at(index.row()), index.column());
    case Qt::TextAlignmentRole:
        return QVariant::fromValue((index.column() == RouteColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    default:
        return {};
    }
}

QVariant RouteModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue((section == RouteColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case RouteColumn:
        return tr("Route");
    case RequestsColumn:
        return tr("Requests/s");
    case P50Column:
        return tr("p50");
    case P99Column:
        return tr("p99");
    case ErrorsColumn:
        return tr("Errors/s");
    default:
        return {};
    }
}

} // namespace godwit::models
