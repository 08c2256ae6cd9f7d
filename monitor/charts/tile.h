// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/models/units.h"

#include <QFrame>

class QLabel;

namespace godwit::charts {

class Sparkline;

/// One figure: its name, its value now, a line of detail, and its last minutes. Disabled, it is shown greyed.
class Tile : public QFrame
{
    Q_OBJECT

public:
    Tile(const QString &name, int series, QWidget *parent = nullptr);

    void setValue(const models::Formatted &value);
    void setDetail(const QString &text);
    Sparkline &sparkline() { return *m_sparkline; }
    QString valueText() const;

protected:
    void changeEvent(QEvent *event) override;

private:
    void colour();

    models::Formatted m_value;
    QLabel *m_number = nullptr;
    QLabel *m_unit = nullptr;
    QLabel *m_detail = nullptr;
    Sparkline *m_sparkline = nullptr;
};

} // namespace godwit::charts
