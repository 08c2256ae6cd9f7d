// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/widgets/emptystate.h"

#include "monitor/widgets/icons.h"
#include "monitor/widgets/theme.h"

#include <QEvent>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace godwit::widgets {

using namespace Qt::StringLiterals;

EmptyState::EmptyState(QWidget *parent) : QWidget(parent)
{
    static constexpr int textWidth = 420;

    m_picture = new QLabel;
    m_picture->setAlignment(Qt::AlignCenter);
    m_title = new QLabel;
    m_title->setFont(textFont(Type::Heading));
    m_title->setAlignment(Qt::AlignCenter);
    m_text = new QLabel;
    m_text->setProperty("role", u"muted"_s);
    m_text->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
    m_text->setWordWrap(true);
    m_text->setFixedWidth(textWidth);
    m_action = new QPushButton;
    m_action->hide();
    connect(m_action, &QPushButton::clicked, this, &EmptyState::actionTriggered);

    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(space::s);
    layout->addStretch(2);
    layout->addWidget(m_picture);
    layout->addSpacing(space::xs);
    layout->addWidget(m_title);
    layout->addWidget(m_text, 0, Qt::AlignHCenter);
    layout->addSpacing(space::s);
    layout->addWidget(m_action, 0, Qt::AlignHCenter);
    layout->addStretch(3);
}

EmptyState::EmptyState(const QString &icon, const QString &title, const QString &text, QWidget *parent)
    : EmptyState(parent)
{
    setContent(icon, title, text);
}

void EmptyState::setContent(const QString &icon, const QString &title, const QString &text)
{
    m_icon = icon;
    m_title->setText(title);
    m_text->setText(text);
    m_text->setMinimumHeight(
        std::max(0, m_text->heightForWidth(m_text->width()))); // a layout that aligns it gives it one line
    drawIcon();
}

void EmptyState::setAction(const QString &text)
{
    m_action->setText(text);
    m_action->setVisible(!text.isEmpty());
}

void EmptyState::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        drawIcon();
    QWidget::changeEvent(event);
}

void EmptyState::drawIcon()
{
    if (!m_icon.isEmpty())
        m_picture->setPixmap(lineIcon(m_icon, Tokens::of(*this).control).pixmap(QSize(40, 40), devicePixelRatioF()));
}

} // namespace godwit::widgets
