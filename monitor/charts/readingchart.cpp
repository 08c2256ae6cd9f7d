// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/charts/readingchart.h"

#include "monitor/charts/plot.h"
#include "monitor/widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QVBoxLayout>

#include <cmath>

namespace godwit::charts {

using namespace Qt::StringLiterals;
namespace space = widgets::space;

ReadingChart::ReadingChart(const QString &title, const QString &unit, double leastSpan, QWidget *parent)
    : QFrame(parent),
      m_unit(unit)
{
    setProperty("role", u"card"_s);
    setAccessibleName(title);
    auto *name = new QLabel(title);
    name->setFont(widgets::textFont(widgets::Type::Heading));
    m_value = new QLabel;
    m_value->setFont(widgets::textFont(widgets::Type::Heading));
    m_plot = new Plot(3);
    m_plot->setLeastSpan(leastSpan);
    m_plot->setAccessibleName(title);
    auto *head = new QHBoxLayout;
    head->addWidget(name, 1);
    head->addWidget(m_value);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::m, space::s, space::s, space::s);
    layout->setSpacing(space::xs);
    layout->addLayout(head);
    layout->addWidget(m_plot, 1);
    setValue(std::nan(""));
}

void ReadingChart::setValue(double value)
{
    QLocale locale;
    locale.setNumberOptions(QLocale::OmitGroupSeparator); // as on the axis
    const QString number = std::isnan(value) ? u"\u2013"_s : locale.toString(value, 'f', 1);
    m_value->setText(number + u'\u202f' + m_unit);
}

void ReadingChart::draw(const models::ReadingLines &lines, Timestamp from, Timestamp to)
{
    m_plot->setTime(from, to);
    m_plot->setLine(0, lines.average);
    m_plot->setLine(1, lines.least);
    m_plot->setLine(2, lines.most);
    m_plot->draw();
}

void ReadingChart::setStale(bool stale)
{
    m_plot->setStale(stale);
}

QString ReadingChart::valueText() const
{
    return m_value->text();
}

} // namespace godwit::charts
