// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What the overview is made of; overviewpage.cpp says what it does.
#include "monitor/charts/tile.h"
#include "monitor/charts/timechart.h"
#include "monitor/pages/overviewpage.h"
#include "monitor/widgets/theme.h"

#include <QAbstractScrollArea>
#include <QButtonGroup>
#include <QFrame>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QShortcut>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace godwit::pages {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using charts::Tile;
using charts::TimeChart;
using models::Metric;
using models::Quantity;
namespace space = widgets::space;

void OverviewPage::makeSpanButtons()
{
    struct Choice
    {
        std::chrono::minutes span;
        QString position;
    };
    const QList<Choice> choices = { { 1min, u"first"_s }, { 5min, u"middle"_s }, { 15min, u"last"_s } };

    m_spans = new QButtonGroup(this);
    auto *row = new QHBoxLayout;
    row->setSpacing(0);
    for (const Choice &choice : choices) {
        auto *button = new QToolButton;
        button->setText(tr("%1 min").arg(choice.span.count()));
        button->setToolTip(tr("Show the last %n minute(s)", nullptr, static_cast<int>(choice.span.count())));
        button->setCheckable(true);
        button->setProperty("role", u"segment"_s);
        button->setProperty("position", choice.position);
        m_spans->addButton(button, static_cast<int>(choice.span.count()));
        row->addWidget(button);
    }
    toolBar()->addLayout(row);
    m_spans->button(static_cast<int>(m_span.count()))->setChecked(true);
    connect(m_spans, &QButtonGroup::idClicked, this, [this](int minutes) { setSpan(std::chrono::minutes(minutes)); });

    const auto step = [this](const QString &keys, int by) {
        connect(new QShortcut(QKeySequence(keys), this), &QShortcut::activated, this, [this, by] {
            const QList<std::chrono::minutes> spans = { 1min, 5min, 15min };
            setSpan(spans[std::clamp<qsizetype>(spans.indexOf(m_span) + by, 0, spans.size() - 1)]);
        });
    };
    step(u"Ctrl+["_s, -1);
    step(u"Ctrl+]"_s, +1);
}

QWidget *OverviewPage::makeTiles()
{
    auto *row = new QWidget;
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::m);
    m_cpu = new Tile(tr("Processor"), 0);
    m_memory = new Tile(tr("Memory"), 1);
    m_requests = new Tile(tr("Requests"), 0);
    m_latency = new Tile(tr("Latency p99"), 1);
    m_connections = new Tile(tr("Connections"), 0);
    for (Tile *tile : { m_cpu, m_memory, m_requests, m_latency, m_connections })
        layout->addWidget(tile, 1);
    return row;
}

TimeChart *OverviewPage::chart(QGridLayout &grid, int cell, TimeChart *made)
{
    grid.addWidget(made, cell / 2, cell % 2);
    m_charts.append(made);
    connect(made, &TimeChart::hovered, this, [this](std::optional<Timestamp> time) {
        m_crosshair = time;
        drawSoon();
    });
    return made;
}

QWidget *OverviewPage::makeCharts()
{
    auto *area = new QWidget;
    auto *grid = new QGridLayout(area);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(space::m);
    for (int i = 0; i < 2; ++i) {
        grid->setColumnStretch(i, 1);
        grid->setRowStretch(i, 1);
    }
    chart(*grid, 0,
          new TimeChart({ .title = tr("Processor and memory"),
                          .unit = u"%"_s,
                          .quantity = Quantity::Percent,
                          .lines = { { tr("processor"), Metric::Cpu }, { tr("memory"), Metric::Memory } },
                          .upper = 100 }));
    chart(*grid, 1,
          new TimeChart({ .title = tr("Requests"),
                          .unit = tr("per second"),
                          .quantity = Quantity::Rate,
                          .lines = { { tr("all"), Metric::Requests }, { tr("failed"), Metric::Errors } },
                          .upper = {} }));
    chart(*grid, 2,
          new TimeChart({ .title = tr("Latency"),
                          .unit = tr("ms"),
                          .quantity = Quantity::Milliseconds,
                          .lines = { { tr("p50"), Metric::P50 }, { tr("p99"), Metric::P99 } },
                          .upper = {} }));
    chart(*grid, 3,
          new TimeChart({ .title = tr("Connections"),
                          .unit = {},
                          .quantity = Quantity::Count,
                          .lines = { { tr("HTTP"), Metric::Http },
                                     { tr("events"), Metric::Sse },
                                     { tr("WebSocket"), Metric::WebSocket } },
                          .upper = {} }));
    return area;
}

QWidget *OverviewPage::makeRoutes()
{
    static constexpr int rowsShown = 4;

    m_table = new QTableView;
    m_table->setModel(&m_routes);
    m_table->setAccessibleName(tr("Busiest routes"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + space::m);
    QHeaderView *head = m_table->horizontalHeader();
    head->setSectionResizeMode(QHeaderView::Fixed);
    head->setSectionResizeMode(models::RouteModel::RouteColumn, QHeaderView::Stretch);
    head->setHighlightSections(false);
    head->setDefaultSectionSize(m_table->fontMetrics().horizontalAdvance(u"Requests/s"_s) + 3 * space::m);

    auto *card = new QFrame;
    card->setProperty("role", u"card"_s);
    auto *layout = new QVBoxLayout(card);
    layout->setContentsMargins(space::xs, space::xs, space::xs, space::xs);
    layout->addWidget(m_table);
    const int rows = m_table->verticalHeader()->defaultSectionSize() * rowsShown;
    m_table->setFixedHeight(head->sizeHint().height() + rows + 2);
    return card;
}

} // namespace godwit::pages
