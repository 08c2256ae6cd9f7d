// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/pages/overviewpage.h"

#include "monitor/charts/sparkline.h"
#include "monitor/charts/tile.h"
#include "monitor/charts/timechart.h"
#include "monitor/widgets/emptystate.h"
#include "monitor/widgets/theme.h"
#include "shared/core/jsonreader.h"

#include <QAbstractButton>
#include <QButtonGroup>
#include <QDateTime>
#include <QLocale>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <cmath>

namespace godwit::pages {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using models::Metric;
using models::Quantity;

static constexpr auto drawInterval = 100ms; // at most ten pictures a second
static constexpr auto tickInterval = 1000ms;

OverviewPage::OverviewPage(net::Session &session, const Clock &clock, QWidget *parent)
    : Page(tr("Overview"), u"overview"_s, parent),
      m_session(session),
      m_history(clock)
{
    makeSpanButtons();
    auto *live = new QWidget;
    auto *layout = new QVBoxLayout(live);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(widgets::space::m);
    layout->addWidget(makeTiles());
    layout->addWidget(makeCharts(), 1);
    layout->addWidget(makeRoutes());
    m_empty = new widgets::EmptyState;
    connect(m_empty, &widgets::EmptyState::actionTriggered, this, [this] {
        if (m_session.metrics().state().phase == client::ConnectionState::Phase::Unauthenticated)
            Q_EMIT loginRequested();
        else
            m_session.metrics().retryNow();
    });
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_empty);
    m_stack->addWidget(live);
    content()->addWidget(m_stack);

    m_drawTimer.setSingleShot(true);
    m_drawTimer.setInterval(drawInterval);
    connect(&m_drawTimer, &QTimer::timeout, this, &OverviewPage::draw);
    connect(&m_tickTimer, &QTimer::timeout, this, &OverviewPage::tick);
    m_tickTimer.start(tickInterval);
    connect(&session.metrics(), &client::EventSource::received, this, &OverviewPage::receive);
    connect(&session.metrics(), &client::Connection::stateChanged, this, &OverviewPage::showConnection);
    showConnection(session.metrics().state());
}

void OverviewPage::receive(const protocol::SseEvent &event)
{
    if (event.event != "metrics"_ba)
        return;
    const auto sample = parseJsonObject(event.data).and_then(&protocol::MetricsSample::fromJson);
    if (!sample) {
        qWarning("a sample could not be read: %s", qUtf8Printable(sample.error().message()));
        return;
    }
    m_history.add(*sample);
    m_stack->setCurrentIndex(1);
    tick();
}

void OverviewPage::showConnection(const client::ConnectionState &state)
{
    using Phase = client::ConnectionState::Phase;
    const QString address = m_session.server().authority();
    switch (state.phase) {
    case Phase::Waiting:
        m_empty->setContent(u"offline"_s, tr("No connection to %1").arg(address), state.reason);
        m_empty->setAction(tr("Try now"));
        return;
    case Phase::Ended:
    case Phase::Offline:
        m_empty->setContent(u"offline"_s, tr("Not connected to %1").arg(address), state.reason);
        break;
    case Phase::Unauthenticated:
        m_empty->setContent(u"lock"_s, tr("%1 asks for a login").arg(address),
                            tr("Its figures show here as soon as you are logged in."));
        m_empty->setAction(tr("Log in…"));
        return;
    case Phase::Connecting:
        m_empty->setContent(u"connecting"_s, tr("Connecting to %1").arg(address), {});
        break;
    case Phase::Online:
        m_empty->setContent(u"online"_s, tr("Connected to %1").arg(address),
                            tr("The first figures come within a second."));
        break;
    }
    m_empty->setAction({});
}

void OverviewPage::setSpan(std::chrono::minutes span)
{
    m_span = span;
    if (QAbstractButton *button = m_spans->button(static_cast<int>(span.count())))
        button->setChecked(true);
    draw();
}

void OverviewPage::setPaused(bool paused)
{
    if (paused == isPaused())
        return;
    Page::setPaused(paused);
    m_pausedAt = paused ? std::optional(m_history.now()) : std::nullopt;
    draw();
}

QWidget *OverviewPage::firstFocus()
{
    return m_spans->checkedButton();
}

void OverviewPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    drawSoon();
}

void OverviewPage::tick()
{
    const bool stale = m_history.isStale();
    if (stale != m_isStale) {
        m_isStale = stale;
        Q_EMIT staleChanged(stale);
    }
    drawSoon();
}

void OverviewPage::drawSoon()
{
    if (isVisible() && !m_drawTimer.isActive())
        m_drawTimer.start();
}

void OverviewPage::draw()
{
    if (!isVisible() || m_history.isEmpty())
        return;
    const Timestamp to = m_pausedAt.value_or(m_history.now());
    const bool isGreyed = m_isStale && !isPaused();
    for (charts::TimeChart *chart : std::as_const(m_charts)) {
        chart->setStale(isGreyed);
        chart->setCrosshair(m_crosshair);
        chart->draw(m_history, to - m_span, to);
    }
    for (charts::Tile *tile : { m_cpu, m_memory, m_requests, m_latency, m_connections })
        tile->setEnabled(!isGreyed);
    if (!isPaused()) {
        drawTiles(to);
        m_routes.setRoutes(m_history.latest().routes);
    }
    describe(to);
}

static models::Formatted bytes(qint64 value)
{
    return models::format(static_cast<double>(value), Quantity::Bytes);
}

void OverviewPage::drawTiles(Timestamp to)
{
    const protocol::MetricsSample &now = m_history.latest();
    const qint64 connections = now.httpConnections + now.sseConnections + now.webSocketConnections;
    m_cpu->setValue(models::format(now.cpuUsage, Quantity::Percent));
    const bool hasLoad = !std::isnan(now.load1);
    m_cpu->setDetail(hasLoad ? tr("load %1").arg(QLocale().toString(now.load1, 'f', 2)) : QString());
    m_memory->setValue(models::format(now.memoryUsage, Quantity::Percent));
    m_memory->setDetail(tr("%1 of %2").arg(bytes(now.memoryUsedBytes).text(), bytes(now.memoryTotalBytes).text()));
    m_requests->setValue(models::format(now.requestsPerSecond, Quantity::Rate));
    m_requests->setDetail(now.errorsPerSecond > 0
                              ? tr("%1 failed").arg(models::format(now.errorsPerSecond, Quantity::Rate).text())
                              : tr("none failed"));
    m_latency->setValue(models::format(now.p99Ms, Quantity::Milliseconds));
    m_latency->setDetail(tr("median %1").arg(models::format(now.p50Ms, Quantity::Milliseconds).text()));
    m_connections->setValue(models::format(static_cast<double>(connections), Quantity::Count));
    m_connections->setDetail(tr("daemon uses %1").arg(bytes(now.processMemoryBytes).text()));

    const std::initializer_list<std::pair<charts::Tile *, Metric>> lines = { { m_cpu, Metric::Cpu },
                                                                             { m_memory, Metric::Memory },
                                                                             { m_requests, Metric::Requests },
                                                                             { m_latency, Metric::P99 },
                                                                             { m_connections, Metric::Http } };
    for (const auto &[tile, metric] : lines)
        tile->sparkline().setPoints(m_history.series(metric, to - 2min, to, 120), to - 2min, to);
}

void OverviewPage::describe(Timestamp to)
{
    const auto time = [](Timestamp at) {
        return QDateTime::fromMSecsSinceEpoch(at.time_since_epoch().count()).toString(u"HH:mm:ss"_s);
    };
    const Timestamp last = m_history.latest().timestamp;
    if (isPaused())
        setSubtitle(tr("Paused at %1; samples are still collected").arg(time(to)));
    else if (m_isStale)
        setSubtitle(tr("No data since %1, %2 s ago")
                        .arg(time(last))
                        .arg(std::chrono::duration_cast<std::chrono::seconds>(to - last).count()));
    else
        setSubtitle(tr("Live, one sample a second"));
}

} // namespace godwit::pages
