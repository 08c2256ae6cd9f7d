// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QTimer>

class QLabel;

namespace godwit::widgets {

/// A short message over the lower edge of a window; goes by itself, or by a click. A new one replaces the old.
class Toast : public QFrame
{
    Q_OBJECT

public:
    enum class Kind { Notice, Failure };

    explicit Toast(QWidget *window);

    void show(const QString &text, Kind kind = Kind::Notice);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void enterEvent(QEnterEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    void place();

    QLabel *m_icon = nullptr;
    QLabel *m_text = nullptr;
    QTimer m_lifetime;
};

} // namespace godwit::widgets
