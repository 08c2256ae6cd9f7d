// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/charts/plot.h"

#include "monitor/models/units.h"
#include "monitor/widgets/theme.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace godwit::charts {

using namespace Qt::StringLiterals;
using models::MetricsGap;
using models::PlotPoint;
using std::chrono::milliseconds;
namespace space = widgets::space;

static double keyOf(Timestamp time)
{
    return static_cast<double>(time.time_since_epoch().count()) / 1000;
}

static QDateTime localTime(Timestamp time)
{
    return QDateTime::fromMSecsSinceEpoch(time.time_since_epoch().count());
}

namespace {

/// The time of day, with seconds only where minutes do not tell the ticks apart.
class ClockTicker : public QCPAxisTickerDateTime
{
protected:
    double getTickStep(const QCPRange &range) override
    {
        struct Choice
        {
            double range, step; // seconds
        };
        constexpr double hour = 3600, day = 24 * hour;
        constexpr std::array choices{ Choice{ 90, 15 }, Choice{ 360, 60 }, Choice{ 1000, 180 },
                                      Choice{ 1.1 * hour, 600 }, Choice{ 1.1 * day, 4 * hour } };
        const auto fitting
            = std::ranges::find_if(choices, [&range](const Choice &choice) { return range.size() <= choice.range; });
        const double step = fitting == choices.end() ? 5 * day : fitting->step;
        setDateTimeFormat(step < 60 ? u"HH:mm:ss"_s : step < day ? u"HH:mm"_s : u"d MMM"_s);
        return step;
    }
};

} // namespace

class ValueTicker : public QCPAxisTicker
{
public:
    /// The scale ends in a tick.
    void setUpper(double upper)
    {
        const double leading = std::round(upper / std::pow(10, std::floor(std::log10(upper))));
        const int parts = leading == 3 || leading == 6 ? 3 : leading == 5 ? 5 : 4;
        m_step = upper / parts;
    }
    /// Of a scale that does not begin at 0: its labels are not shortened, as they differ in the last digits.
    void setStep(double step)
    {
        m_step = step;
        m_isPlain = true;
    }

protected:
    double getTickStep(const QCPRange &) override { return m_step; }
    QString getTickLabel(double tick, const QLocale &, QChar, int) override
    {
        return m_isPlain ? QString::number(tick, 'f', m_step < 1 ? 1 : 0) : models::formatTick(tick);
    }

private:
    double m_step = 1;
    bool m_isPlain = false;
};

Plot::Plot(int lines, QWidget *parent) : QCustomPlot(parent)
{
    setMinimumSize(200, 96);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setPlottingHint(QCP::phCacheLabels);
    xAxis->setTicker(QSharedPointer<ClockTicker>::create()); // shared with the axis, as QCustomPlot wants it
    m_valueTicker = QSharedPointer<ValueTicker>::create();
    yAxis->setTicker(m_valueTicker);
    for (QCPAxis *axis : { xAxis, yAxis }) {
        axis->setTickLabelFont(widgets::textFont(widgets::Type::Caption));
        axis->setSubTicks(false);
        axis->setTickLength(0);
        axis->setTickPen(Qt::NoPen);
        axis->setTickLabelPadding(space::s - 2);
    }
    xAxis->grid()->setVisible(false);
    yAxis->setBasePen(Qt::NoPen);
    yAxis->grid()->setZeroLinePen(Qt::NoPen);
    // The same left margin in all charts, so that their times stand under each other.
    const int labelWidth = QFontMetrics(yAxis->tickLabelFont()).horizontalAdvance(u"10.5k"_s);
    const int labelHeight = QFontMetrics(xAxis->tickLabelFont()).height();
    axisRect()->setAutoMargins(QCP::msNone);
    axisRect()->setMargins(QMargins(labelWidth + space::s, labelHeight - 2, space::m, labelHeight + space::s));

    for (int i = 0; i < lines; ++i) {
        addGraph();
        graph(i)->setAdaptiveSampling(false); // MetricsHistory has done it
    }
    m_crosshair = new QCPItemStraightLine(this);
    m_crosshair->setClipToAxisRect(true);
    m_crosshair->setVisible(false);
    m_nothing = new QCPItemText(this);
    m_nothing->setText(tr("No readings"));
    m_nothing->setFont(xAxis->tickLabelFont());
    m_nothing->position->setType(QCPItemPosition::ptAxisRectRatio);
    m_nothing->position->setCoords(0.5, 0.5);
    m_nothing->setVisible(false);
    colour();
}

void Plot::colour()
{
    const widgets::Tokens &tokens = widgets::Tokens::of(*this);
    setBackground(tokens.surface);
    for (QCPAxis *axis : { xAxis, yAxis })
        axis->setTickLabelColor(tokens.mutedText);
    xAxis->setBasePen(QPen(tokens.border, 1));
    yAxis->grid()->setPen(QPen(tokens.grid, 1));
    for (int i = 0; i < graphCount(); ++i) {
        const QColor line = m_isStale ? tokens.control : tokens.series[static_cast<std::size_t>(i)];
        graph(i)->setPen(QPen(line, 1.75, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin));
        QColor below = line;
        below.setAlphaF(tokens.isDark ? 0.14F : 0.08F);
        graph(i)->setBrush(i == 0 && m_isFilled ? QBrush(below) : QBrush(Qt::NoBrush));
    }
    m_crosshair->setPen(QPen(tokens.mutedText, 1));
    m_nothing->setColor(tokens.mutedText);
    for (const GapItem &item : std::as_const(m_gapItems)) {
        item.area->setBrush(QBrush(tokens.sunken));
        item.label->setColor(tokens.mutedText);
    }
}

void Plot::setLine(int line, const QList<PlotPoint> &points)
{
    QVector<QCPGraphData> drawn;
    drawn.reserve(points.size());
    for (const PlotPoint &point : points)
        drawn.append({ keyOf(point.time), point.value });
    graph(line)->data()->set(drawn, true);
}

void Plot::setGaps(const QList<MetricsGap> &gaps)
{
    m_gaps = gaps;
}

void Plot::setTime(Timestamp from, Timestamp to)
{
    xAxis->setRange(keyOf(from), keyOf(to));
}

void Plot::setLeastSpan(double span)
{
    m_leastSpan = span;
    QMargins margins = axisRect()->margins();
    margins.setLeft(QFontMetrics(yAxis->tickLabelFont()).horizontalAdvance(u"1013.5"_s) + space::s);
    axisRect()->setMargins(margins);
}

void Plot::setCrosshair(std::optional<Timestamp> at)
{
    m_crosshair->setVisible(at.has_value());
    if (at) {
        m_crosshair->point1->setCoords(keyOf(*at), 0);
        m_crosshair->point2->setCoords(keyOf(*at), 1);
    }
}

void Plot::setStale(bool stale)
{
    if (m_isStale == stale)
        return;
    m_isStale = stale;
    colour();
}

void Plot::draw()
{
    fitValues();
    placeGaps();
    replot();
}

/// 1, 2, 3, 4, 5, 6 or 8 times a power of ten.
static double niceAbove(double value)
{
    const double power = std::pow(10, std::floor(std::log10(value)));
    for (const double step : { 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0 }) {
        if (value <= step * power)
            return step * power;
    }
    return 10 * power;
}

/// 1, 2 or 5 times a power of ten: their multiples are round, too.
static double roundStepAbove(double value)
{
    const double power = std::pow(10, std::floor(std::log10(value)));
    for (const double step : { 1.0, 2.0, 5.0 }) {
        if (value <= step * power * 1.000001)
            return step * power;
    }
    return 10 * power;
}

void Plot::fitBetween(double leastSpan)
{
    constexpr int parts = 5;
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (int i = 0; i < graphCount(); ++i) {
        const auto points = graph(i)->data();
        for (auto point = points->constBegin(); point != points->constEnd(); ++point) {
            if (!xAxis->range().contains(point->key) || std::isnan(point->value))
                continue;
            low = std::min(low, point->value);
            high = std::max(high, point->value);
        }
    }
    const bool isEmpty = low > high;
    yAxis->setTickLabels(!isEmpty); // a scale of nothing would be made up
    yAxis->grid()->setVisible(!isEmpty);
    m_nothing->setVisible(isEmpty);
    if (isEmpty)
        return;
    const double room = std::max(leastSpan - (high - low), (high - low) / 8) / 2;
    const double step = roundStepAbove((high - low + 2 * room) / parts);
    const double lower = std::floor((low - room) / step) * step;
    yAxis->setRange(low < 0 ? lower : std::max(0.0, lower), std::ceil((high + room) / step) * step);
    m_valueTicker->setStep(step);
    // QCustomPlot fills up to 0, which of a frosty night is what lies above the line.
    if (const bool isFilled = low >= 0; isFilled != m_isFilled) {
        m_isFilled = isFilled;
        colour();
    }
}

void Plot::fitValues()
{
    if (m_leastSpan)
        return fitBetween(*m_leastSpan);
    double top = m_leastUpper / 1.08;
    for (int i = 0; i < graphCount(); ++i) {
        const auto points = graph(i)->data();
        for (auto point = points->constBegin(); point != points->constEnd(); ++point) {
            if (xAxis->range().contains(point->key) && !std::isnan(point->value))
                top = std::max(top, point->value);
        }
    }
    // Grows at once, shrinks only when half is empty: the scale does not dance.
    const double wanted = niceAbove(top * 1.08);
    if (wanted > m_upper || wanted <= m_upper / 2)
        m_upper = wanted;
    if (m_fixedUpper)
        m_upper = *m_fixedUpper;
    yAxis->setRange(0, m_upper);
    m_valueTicker->setUpper(m_upper);
}

Plot::GapItem Plot::makeGapItem()
{
    const widgets::Tokens &tokens = widgets::Tokens::of(*this);
    GapItem item{ .area = new QCPItemRect(this), .label = new QCPItemText(this) };
    item.area->setPen(Qt::NoPen);
    item.area->setBrush(QBrush(tokens.sunken));
    item.area->setLayer(u"grid"_s); // behind the lines
    item.area->topLeft->setTypeY(QCPItemPosition::ptAxisRectRatio);
    item.area->bottomRight->setTypeY(QCPItemPosition::ptAxisRectRatio);
    item.label->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
    item.label->setPositionAlignment(Qt::AlignCenter);
    item.label->setTextAlignment(Qt::AlignCenter);
    item.label->setFont(widgets::textFont(widgets::Type::Caption));
    item.label->setColor(tokens.mutedText);
    return item;
}

void Plot::placeGaps()
{
    while (m_gapItems.size() < m_gaps.size())
        m_gapItems.append(makeGapItem());
    const QFontMetrics metrics(widgets::textFont(widgets::Type::Caption));
    for (qsizetype i = 0; i < m_gapItems.size(); ++i) {
        const GapItem &item = m_gapItems[i];
        const bool isUsed = i < m_gaps.size();
        item.area->setVisible(isUsed);
        item.label->setVisible(false);
        if (!isUsed)
            continue;
        const double from = std::max(keyOf(m_gaps[i].from), xAxis->range().lower);
        const double to = std::min(keyOf(m_gaps[i].to), xAxis->range().upper);
        item.area->topLeft->setCoords(from, 0);
        item.area->bottomRight->setCoords(to, 1);
        item.label->position->setCoords((from + to) / 2, 0.5);
        const bool isShort = m_gaps[i].to - m_gaps[i].from < std::chrono::minutes(2);
        const QString format = isShort ? u"HH:mm:ss"_s : u"HH:mm"_s;
        const QString times
            = localTime(m_gaps[i].from).toString(format) + u'\u2013' + localTime(m_gaps[i].to).toString(format);
        const double width = xAxis->coordToPixel(to) - xAxis->coordToPixel(from) - space::s;
        for (const QString &text : { tr("no data %1").arg(times), tr("no data\n%1").arg(times), tr("no data") }) {
            if (metrics.size(0, text).width() <= width) {
                item.label->setText(text);
                item.label->setVisible(true);
                break;
            }
        }
    }
}

void Plot::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange) {
        colour();
        replot(rpQueuedReplot);
    }
    QCustomPlot::changeEvent(event);
}

void Plot::mouseMoveEvent(QMouseEvent *event)
{
    QCustomPlot::mouseMoveEvent(event);
    if (!axisRect()->rect().contains(event->position().toPoint())) {
        Q_EMIT hovered({});
        return;
    }
    const double key = xAxis->pixelToCoord(event->position().x());
    Q_EMIT hovered(Timestamp(milliseconds(qRound64(key * 1000))));
}

void Plot::leaveEvent(QEvent *event)
{
    Q_EMIT hovered({});
    QCustomPlot::leaveEvent(event);
}

void Plot::resizeEvent(QResizeEvent *event)
{
    placeGaps();
    QCustomPlot::resizeEvent(event);
}

} // namespace godwit::charts
