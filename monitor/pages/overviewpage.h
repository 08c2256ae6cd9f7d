// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/models/metricshistory.h"
#include "monitor/models/routemodel.h"
#include "monitor/net/session.h"
#include "monitor/widgets/page.h"

#include <QTimer>

#include <optional>

class QButtonGroup;
class QGridLayout;
class QStackedWidget;
class QTableView;

namespace godwit::charts {
class Tile;
class TimeChart;
} // namespace godwit::charts

namespace godwit::widgets {
class EmptyState;
} // namespace godwit::widgets

namespace godwit::pages {

/// The server's load, live: figures, charts of the last minutes, and the busiest routes. What is older than three
/// seconds is shown greyed; what is missing is shown as missing. Draws at most ten times a second, and nothing while
/// hidden.
class OverviewPage : public widgets::Page
{
    Q_OBJECT

public:
    explicit OverviewPage(net::Session &session, const Clock &clock = Clock::system(), QWidget *parent = nullptr);

    const models::MetricsHistory &history() const { return m_history; }
    std::chrono::minutes span() const { return m_span; }
    void setSpan(std::chrono::minutes span);
    void setPaused(bool paused) override;
    QWidget *firstFocus() override;

Q_SIGNALS:
    /// The stream stands, but no sample has come for a while; and back.
    void staleChanged(bool stale);

protected:
    void showEvent(QShowEvent *event) override;

private:
    void makeSpanButtons();
    QWidget *makeTiles();
    QWidget *makeCharts();
    QWidget *makeRoutes();
    charts::TimeChart *chart(QGridLayout &grid, int cell, charts::TimeChart *made);

    void receive(const protocol::SseEvent &event);
    void showConnection(const client::ConnectionState &state);
    void tick();
    void drawSoon();
    void draw();
    void drawTiles(Timestamp to);
    void describe(Timestamp to);

    net::Session &m_session;
    models::MetricsHistory m_history;
    models::RouteModel m_routes;
    std::chrono::minutes m_span{ 5 };
    std::optional<Timestamp> m_pausedAt;
    std::optional<Timestamp> m_crosshair;
    bool m_isStale = true;

    QTimer m_drawTimer; // what gathers samples that come in a burst
    QTimer m_tickTimer; // time goes on without samples as well
    QStackedWidget *m_stack = nullptr;
    widgets::EmptyState *m_empty = nullptr;
    QButtonGroup *m_spans = nullptr;
    QTableView *m_table = nullptr;
    charts::Tile *m_cpu = nullptr, *m_memory = nullptr, *m_requests = nullptr, *m_latency = nullptr,
                 *m_connections = nullptr;
    QList<charts::TimeChart *> m_charts;
};

} // namespace godwit::pages
