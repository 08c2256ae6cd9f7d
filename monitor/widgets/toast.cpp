// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/widgets/toast.h"

#include "monitor/widgets/icons.h"
#include "monitor/widgets/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMouseEvent>

namespace godwit::widgets {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

static constexpr auto shownFor = 6s;

Toast::Toast(QWidget *window) : QFrame(window)
{
    setObjectName(u"toast"_s);
    setAccessibleName(tr("Notification"));
    m_icon = new QLabel;
    m_text = new QLabel;
    m_text->setTextFormat(Qt::PlainText);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(space::m, space::s, space::l, space::s);
    layout->setSpacing(space::s);
    layout->addWidget(m_icon, 0, Qt::AlignTop);
    layout->addWidget(m_text, 1);
    m_lifetime.setSingleShot(true);
    connect(&m_lifetime, &QTimer::timeout, this, &QWidget::hide);
    window->installEventFilter(this);
    hide();
}

void Toast::show(const QString &text, Kind kind)
{
    const Tokens &tokens = Tokens::of(*parentWidget()); // its own palette is that of its style sheet
    // The toast is drawn in reverse, so its icon takes the other theme's colours.
    const Tokens &reverse = tokens.isDark ? Tokens::light() : Tokens::dark();
    const bool isFailure = kind == Kind::Failure;
    m_icon->setPixmap(lineIcon(isFailure ? u"warning"_s : u"done"_s, isFailure ? reverse.danger : reverse.ok)
                          .pixmap(QSize(18, 18), devicePixelRatioF()));
    m_text->setText(text);
    place();
    QFrame::show();
    raise();
    m_lifetime.start(shownFor);
}

void Toast::place()
{
    static constexpr int widest = 520;

    const QRect area = parentWidget()->rect();
    const int width = std::min(widest, area.width() - 2 * space::xl);
    m_text->setWordWrap(false);
    if (sizeHint().width() > width)
        m_text->setWordWrap(true);
    resize(std::min(width, sizeHint().width()), 0);
    resize(this->width(), hasHeightForWidth() ? heightForWidth(this->width()) : sizeHint().height());
    move((area.width() - this->width()) / 2, area.height() - height() - 2 * space::xl);
}

bool Toast::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize && isVisible())
        place();
    return QFrame::eventFilter(watched, event);
}

void Toast::mousePressEvent(QMouseEvent *)
{
    hide();
}

void Toast::enterEvent(QEnterEvent *event)
{
    m_lifetime.stop();
    QFrame::enterEvent(event);
}

void Toast::leaveEvent(QEvent *event)
{
    m_lifetime.start(shownFor);
    QFrame::leaveEvent(event);
}

} // namespace godwit::widgets
