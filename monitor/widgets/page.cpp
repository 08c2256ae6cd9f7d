// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/widgets/page.h"

#include "monitor/widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace godwit::widgets {

using namespace Qt::StringLiterals;

Page::Page(const QString &title, const QString &icon, QWidget *parent) : QWidget(parent), m_title(title), m_icon(icon)
{
    auto *heading = new QLabel(title);
    heading->setFont(textFont(Type::Title));
    m_subtitle = new QLabel;
    m_subtitle->setProperty("role", u"muted"_s);
    m_subtitle->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_subtitle->hide();

    auto *titles = new QVBoxLayout;
    titles->setSpacing(2);
    titles->addWidget(heading);
    titles->addWidget(m_subtitle);
    m_toolBar = new QHBoxLayout;
    m_toolBar->setSpacing(space::s);
    auto *head = new QHBoxLayout;
    head->setSpacing(space::l);
    head->addLayout(titles);
    head->addStretch();
    head->addLayout(m_toolBar);
    m_content = new QVBoxLayout;
    m_content->setSpacing(space::m);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::xl, space::l, space::xl, space::l);
    layout->setSpacing(space::l);
    layout->addLayout(head);
    layout->addLayout(m_content, 1);
}

void Page::setSubtitle(const QString &text)
{
    m_subtitle->setText(text);
    m_subtitle->setVisible(!text.isEmpty());
}

void Page::setPaused(bool paused)
{
    m_paused = paused;
}

} // namespace godwit::widgets
