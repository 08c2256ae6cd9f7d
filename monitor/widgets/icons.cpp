// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/widgets/icons.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QSvgRenderer>

#include <algorithm>

namespace godwit::widgets {

using namespace Qt::StringLiterals;

/// Draws the vector anew for each size, so that it is sharp at every pixel ratio.
class LineIcon : public QIconEngine
{
public:
    explicit LineIcon(QByteArray svg) : m_svg(std::move(svg)) { }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        if (mode == QIcon::Disabled)
            painter->setOpacity(0.45);
        // A wider area leaves room at its right: a tool button has no setting for the gap between icon and text.
        const int side = std::min(rect.width(), rect.height());
        const QRect square(rect.left(), rect.top() + (rect.height() - side) / 2, side, side);
        QSvgRenderer(m_svg).render(painter, square);
    }
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(0, 0), size), mode, state);
        return pixmap;
    }
    QIconEngine *clone() const override { return new LineIcon(*this); }

private:
    QByteArray m_svg;
};

QIcon lineIcon(const QString &name, const QColor &colour)
{
    QFile file(u":/icons/%1.svg"_s.arg(name));
    if (!file.open(QIODevice::ReadOnly)) {
        qWarning("there is no icon \"%s\"", qUtf8Printable(name));
        return {};
    }
    return QIcon(new LineIcon(file.readAll().replace("currentColor"_ba, colour.name().toLatin1())));
}

} // namespace godwit::widgets
