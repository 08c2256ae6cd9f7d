// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/pages/sensorspage.h"

#include "monitor/charts/readingchart.h"
#include "monitor/widgets/emptystate.h"
#include "monitor/widgets/theme.h"
#include "shared/core/jsonreader.h"
#include "shared/protocol/routes.h"

#include <QButtonGroup>
#include <QLabel>
#include <QPointer>
#include <QStackedWidget>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

namespace godwit::pages {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using protocol::SensorSource;
namespace space = widgets::space;

static constexpr auto liveSpan = 5min;
static constexpr auto readingsDrawInterval = 1s;
static constexpr auto historyInterval = 10s; // the finest that changes there

SensorsPage::SensorsPage(net::Session &session, const Clock &clock, QWidget *parent)
    : Page(tr("Sensors"), u"sensors"_s, parent),
      m_session(session),
      m_socket(session.socket(QString::fromLatin1(protocol::routes::realtimeSocket), { { u"interval"_s, u"1000"_s } })),
      m_live(clock)
{
    makeSpanButtons();
    m_empty = new widgets::EmptyState;
    connect(m_empty, &widgets::EmptyState::actionTriggered, this, [this] {
        if (m_socket->state().phase == client::ConnectionState::Phase::Unauthenticated)
            Q_EMIT loginRequested();
        else
            m_socket->retryNow();
    });
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_empty);
    m_stack->addWidget(makeCharts());
    content()->addWidget(m_stack);

    connect(&m_drawTimer, &QTimer::timeout, this, &SensorsPage::draw);
    m_drawTimer.start(readingsDrawInterval);
    connect(&m_historyTimer, &QTimer::timeout, this, [this] {
        if (!isLive())
            askForHistory();
    });
    m_historyTimer.start(historyInterval);
    connect(m_socket.get(), &client::Socket::received, this, &SensorsPage::receive);
    connect(m_socket.get(), &client::Connection::stateChanged, this, &SensorsPage::showConnection);
    showConnection(m_socket->state());
    m_socket->start();
}

SensorsPage::~SensorsPage()
{
    m_asking.request_stop();
}

void SensorsPage::makeSpanButtons()
{
    struct Choice
    {
        std::chrono::minutes span;
        QString text, toolTip, position;
    };
    const QList<Choice> choices = { { liveSpan, tr("Live"), tr("The last five minutes"), u"first"_s },
                                    { 1h, tr("1 h"), tr("The last hour"), u"middle"_s },
                                    { 24h, tr("24 h"), tr("The last day"), u"middle"_s },
                                    { 24h * 30, tr("30 d"), tr("The last thirty days"), u"last"_s } };
    m_spans = new QButtonGroup(this);
    auto *row = new QHBoxLayout;
    row->setSpacing(0);
    for (const Choice &choice : choices) {
        auto *button = new QToolButton;
        button->setText(choice.text);
        button->setToolTip(choice.toolTip);
        button->setCheckable(true);
        button->setProperty("role", u"segment"_s);
        button->setProperty("position", choice.position);
        m_spans->addButton(button, static_cast<int>(choice.span.count()));
        row->addWidget(button);
    }
    toolBar()->addLayout(row);
    m_spans->button(static_cast<int>(m_span.count()))->setChecked(true);
    connect(m_spans, &QButtonGroup::idClicked, this, [this](int minutes) { setSpan(std::chrono::minutes(minutes)); });
}

QWidget *SensorsPage::makeCharts()
{
    auto *area = new QWidget;
    auto *layout = new QVBoxLayout(area);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::m);
    m_source = new QLabel;
    m_source->setObjectName(u"source"_s);
    m_source->setWordWrap(true);
    layout->addWidget(m_source);
    m_charts = { new charts::ReadingChart(tr("Temperature"), tr("\u00b0C"), 1),
                 new charts::ReadingChart(tr("Humidity"), u"%"_s, 2),
                 new charts::ReadingChart(tr("Pressure"), u"hPa"_s, 1) };
    for (charts::ReadingChart *chart : std::as_const(m_charts))
        layout->addWidget(chart, 1);
    return area;
}

bool SensorsPage::isLive() const
{
    return m_span == liveSpan;
}

void SensorsPage::setSpan(std::chrono::minutes span)
{
    m_span = span;
    m_past = {};
    if (QAbstractButton *button = m_spans->button(static_cast<int>(span.count())))
        button->setChecked(true);
    askForHistory();
    draw();
}

void SensorsPage::setPaused(bool paused)
{
    Page::setPaused(paused);
    draw();
}

QWidget *SensorsPage::firstFocus()
{
    return m_spans->checkedButton();
}

void SensorsPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    askForHistory();
    draw();
}

void SensorsPage::receive(const QString &text)
{
    const auto sample = parseJsonObject(text.toUtf8()).and_then(&protocol::SensorSample::fromJson);
    if (!sample) {
        qWarning("a reading could not be read: %s", qUtf8Printable(sample.error().message()));
        return;
    }
    const bool isOther = m_live.isEmpty() || m_live.latest().source != sample->source;
    m_live.add(*sample);
    m_stack->setCurrentIndex(1);
    if (isOther) {
        m_past = {};
        showSource();
        askForHistory();
        draw();
    }
}

void SensorsPage::showSource()
{
    const auto source = m_live.latest().source;
    QString text = tr("Nothing measures here.");
    if (source == SensorSource::Iio || source == SensorSource::Thermal)
        text = tr("Measured by the sensors of the server.");
    else if (source == SensorSource::Ingest)
        text = tr("Sent to the server by others (POST /api/readings).");
    else if (source == SensorSource::Simulated)
        text = tr("Simulated: the server has no sensor, and nobody sends readings. These values are made up.");
    m_source->setText(tr("Source: %1").arg(text));
    m_source->setProperty("role", source && source != SensorSource::Simulated ? u"muted"_s : u"warning"_s);
    m_source->style()->unpolish(m_source);
    m_source->style()->polish(m_source);
}

void SensorsPage::showConnection(const client::ConnectionState &state)
{
    using Phase = client::ConnectionState::Phase;
    const QString address = m_session.server().authority();
    m_empty->setAction({});
    switch (state.phase) {
    case Phase::Waiting:
        m_empty->setContent(u"offline"_s, tr("No connection to %1").arg(address), state.reason);
        m_empty->setAction(tr("Try now"));
        break;
    case Phase::Ended:
    case Phase::Offline:
        m_empty->setContent(u"offline"_s, tr("Not connected to %1").arg(address), state.reason);
        break;
    case Phase::Unauthenticated:
        m_empty->setContent(u"lock"_s, tr("%1 asks for a login").arg(address),
                            tr("Its readings show here as soon as you are logged in."));
        m_empty->setAction(tr("Log in\u2026"));
        break;
    case Phase::Connecting:
        m_empty->setContent(u"connecting"_s, tr("Connecting to %1").arg(address), {});
        break;
    case Phase::Online:
        m_empty->setContent(u"online"_s, tr("Connected to %1").arg(address),
                            tr("The first reading comes within a second."));
        break;
    }
}

void SensorsPage::draw()
{
    if (!isVisible() || m_live.isEmpty() || isPaused())
        return;
    const bool isStale = m_live.isStale();
    const Timestamp to = m_live.now();
    for (int i = 0; i < m_charts.size(); ++i) {
        m_charts[i]->setStale(isStale && isLive());
        m_charts[i]->setValue(isStale ? models::LiveReadings::value({}, i)
                                      : models::LiveReadings::value(m_live.latest(), i));
        const auto &past = m_past[static_cast<size_t>(i)];
        m_charts[i]->draw(isLive() ? m_live.lines(i, to - m_span, past) : past, to - m_span, to);
    }
    setSubtitle(isStale        ? tr("No reading for some seconds")
                    : isLive() ? tr("Live, one reading a second")
                               : tr("Average, lowest and highest of each step"));
}

void SensorsPage::askForHistory()
{
    if (!isVisible() || isPaused() || m_live.isEmpty())
        return;
    m_asking.request_stop();
    m_asking = std::stop_source();
    loadHistory(m_asking.get_token());
}

/// The first of each quantity that the source has; empty where it has none.
std::array<QString, models::readingCount> SensorsPage::seriesOf(const QJsonObject &list, const QString &source)
{
    static constexpr std::array<QLatin1StringView, models::readingCount> names{ "temperature"_L1, "humidity"_L1,
                                                                                "pressure"_L1 };
    std::array<QString, models::readingCount> series;
    const QJsonArray items = list["items"_L1].toArray();
    for (const auto &item : items) {
        const QString name = item["series"_L1].toString();
        if (item["source"_L1].toString() != source)
            continue;
        for (size_t i = 0; i < names.size(); ++i) {
            const QString last = name.section(u'.', -1);
            if (series[i].isEmpty() && (last == names[i] || (source == "iio"_L1 && last.startsWith(names[i]))))
                series[i] = name;
        }
    }
    return series;
}

QCoro::Task<Result<QJsonObject>> SensorsPage::ask(QString path, QUrlQuery query, std::stop_token stop)
{
    auto asking = m_session.api().get(std::move(path), query, std::move(stop));
    const auto answer = co_await std::move(asking);
    if (!answer)
        co_return Failure(answer.error());
    co_return answer->object();
}

QCoro::Task<> SensorsPage::loadHistory(std::stop_token stop)
{
    const QPointer<SensorsPage> self(this);
    const auto source = m_live.latest().source;
    const Timestamp to = m_live.now();
    const Timestamp from = to - m_span;
    auto listing = ask(QString::fromLatin1(protocol::routes::readingSeries), {}, stop);
    const auto list = co_await std::move(listing);
    if (!self || stop.stop_requested() || !list || !source)
        co_return;
    const auto series = seriesOf(*list, toString(*source));
    std::array<models::ReadingLines, models::readingCount> past;
    for (size_t i = 0; i < series.size(); ++i) {
        if (series[i].isEmpty())
            continue;
        const QUrlQuery query{ { u"series"_s, series[i] }, { u"from"_s, toRfc3339(from) }, { u"to"_s, toRfc3339(to) } };
        auto reading = ask(QString::fromLatin1(protocol::routes::readings), query, stop);
        const auto answer = co_await std::move(reading);
        if (!self || stop.stop_requested())
            co_return;
        auto lines = answer.and_then(&models::readingLines);
        if (!lines) {
            Q_EMIT failed(tr("The history could not be read: %1").arg(lines.error().message()));
            co_return;
        }
        past[i] = *std::move(lines);
    }
    m_past = std::move(past);
    draw();
}

} // namespace godwit::pages
