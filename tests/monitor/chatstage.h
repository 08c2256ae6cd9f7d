// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/chat/chatview.h"
#include "monitor/chat/composer.h"
#include "tests/support/fakegodwit.h"

#include <QTest>

#include <optional>

namespace godwit::test {

/// A chat view of its own server, shown, that comes back quickly. We are bob.
struct ChatStage
{
    explicit ChatStage(const QString &outboxFile = {})
    {
        using namespace std::chrono_literals;
        client::ConnectionOptions connection;
        connection.backoff.first = 10ms;
        connection.backoff.minimum = 1ms;
        connection.backoff.maximum = 50ms;
        session.emplace(
            net::Session::Options{ .server = server.url(), .user = QStringLiteral("bob"), .connection = connection });
        open(outboxFile);
    }
    void open(const QString &outboxFile = {})
    {
        view.emplace(*session, chat::Rooms::Options{ QStringLiteral("bob"), {}, outboxFile });
        view->resize(700, 400);
        view->show();
        view->activateWindow();
    }
    chat::RoomSession &room() { return *view->rooms().session(view->currentRoom()); }
    models::ChatModel &model() { return room().model(); }
    bool isOnline() { return room().isJoined() && !room().isFetching(); }
    models::SendState stateOf(int row)
    {
        return model().index(row).data(models::ChatModel::StateRole).value<models::SendState>();
    }
    QString textOf(int row) { return model().index(row).data(models::ChatModel::TextRole).toString(); }
    /// So many messages of ada's.
    void fill(int count)
    {
        for (int i = 0; i < count; ++i)
            server.post(lobby, QStringLiteral("ada"), QStringLiteral("message %1").arg(server.messages().size() + 1));
    }
    void write(const QString &text)
    {
        QTest::keyClicks(view->composer()->edit(), text);
        QTest::keyClick(view->composer()->edit(), Qt::Key_Return);
    }

    const QString lobby = QStringLiteral("lobby");
    FakeGodwit server;
    std::optional<net::Session> session;
    std::optional<chat::ChatView> view;
};

} // namespace godwit::test
