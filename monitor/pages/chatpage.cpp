// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/pages/chatpage.h"

#include "monitor/chat/composer.h"

#include <QBoxLayout>
#include <QFrame>

namespace godwit::pages {

using namespace Qt::StringLiterals;

ChatPage::ChatPage(net::Session &session, chat::Rooms::Options options, QWidget *parent)
    : Page(tr("Chat"), u"chat"_s, parent)
{
    setSubtitle(tr("Every message is on the server's disk before anyone sees it"));
    if (options.user.isEmpty())
        options.user = session.user();
    m_chat = new chat::ChatView(session, std::move(options));
    auto *card = new QFrame;
    card->setProperty("role", u"card"_s);
    auto *layout = new QVBoxLayout(card);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->addWidget(m_chat);
    content()->addWidget(card, 1);
    connect(m_chat, &chat::ChatView::failed, this, &Page::failed);
    connect(m_chat, &chat::ChatView::loginRequested, this, &Page::loginRequested);
    connect(m_chat, &chat::ChatView::unreadChanged, this, &ChatPage::unreadChanged);
}

QWidget *ChatPage::firstFocus()
{
    return m_chat->composer()->edit();
}

} // namespace godwit::pages
