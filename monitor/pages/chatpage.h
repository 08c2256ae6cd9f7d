// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/chat/chatview.h"
#include "monitor/net/session.h"
#include "monitor/widgets/page.h"

namespace godwit::pages {

/// The chat rooms in the monitor: what godwit-chat shows, as a page.
class ChatPage : public widgets::Page
{
    Q_OBJECT

public:
    /// @p session must outlive it.
    ChatPage(net::Session &session, chat::Rooms::Options options, QWidget *parent = nullptr);

    chat::ChatView &chat() { return *m_chat; }
    QWidget *firstFocus() override;

Q_SIGNALS:
    void unreadChanged(int total);

private:
    chat::ChatView *m_chat = nullptr;
};

} // namespace godwit::pages
