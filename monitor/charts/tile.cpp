// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/charts/tile.h"

#include "monitor/charts/sparkline.h"
#include "monitor/widgets/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QStyle>
#include <QVBoxLayout>

namespace godwit::charts {

using namespace Qt::StringLiterals;
namespace space = widgets::space;

Tile::Tile(const QString &name, int series, QWidget *parent) : QFrame(parent)
{
    setProperty("role", u"card"_s);
    setAccessibleName(name);
    auto *title = new QLabel(name);
    title->setProperty("role", u"muted"_s);
    m_number = new QLabel;
    m_number->setFont(widgets::textFont(widgets::Type::Figure));
    m_unit = new QLabel;
    m_unit->setProperty("role", u"muted"_s);
    m_detail = new QLabel;
    m_detail->setProperty("role", u"muted"_s);
    m_detail->setFont(widgets::textFont(widgets::Type::Caption));
    m_sparkline = new Sparkline;
    m_sparkline->setSeries(series);

    auto *value = new QHBoxLayout;
    value->setSpacing(space::xs);
    value->addWidget(m_number, 0, Qt::AlignBaseline);
    value->addWidget(m_unit, 0, Qt::AlignBaseline);
    value->addStretch();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::m, space::s, space::m, space::s);
    layout->setSpacing(2);
    layout->addWidget(title);
    layout->addLayout(value);
    layout->addWidget(m_sparkline);
    layout->addWidget(m_detail);
    setValue({ u"\u2013"_s, {} });
}

void Tile::setValue(const models::Formatted &value)
{
    m_value = value;
    m_number->setText(value.number);
    m_unit->setText(value.unit);
    setAccessibleDescription(valueText());
}

void Tile::setDetail(const QString &text)
{
    m_detail->setText(text);
}

QString Tile::valueText() const
{
    return m_value.text();
}

void Tile::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::EnabledChange)
        colour();
    QFrame::changeEvent(event);
}

void Tile::colour()
{
    // A style sheet's colour wins over the palette's, so that the greyed figure needs a role of its own.
    m_number->setProperty("role", isEnabled() ? QVariant() : QVariant(u"muted"_s));
    m_number->style()->unpolish(m_number);
    m_number->style()->polish(m_number);
    m_sparkline->update();
}

} // namespace godwit::charts
