// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/chat/rooms.h"

#include <QHash>
#include <QWidget>

class QLabel;
class QListView;
class QStackedLayout;
class QToolButton;

namespace godwit::widgets {
class Account;
class ConnectionBadge;
class EmptyState;
} // namespace godwit::widgets

namespace godwit::chat {

class Composer;
class FindBar;
class MessageView;

/// The whole of chat in one widget: the rooms left, the messages of one right, and what is being written below. The
/// monitor's page and the chat window both show it.
class ChatView : public QWidget
{
    Q_OBJECT

public:
    /// @p session must outlive it.
    ChatView(net::Session &session, Rooms::Options options, QWidget *parent = nullptr);
    ~ChatView() override;

    Rooms &rooms() { return m_rooms; }
    const QString &currentRoom() const { return m_room; }
    MessageView *messages() const { return m_messages; }
    Composer *composer() const { return m_composer; }

    /// What the user's name offers besides another name; must outlive this.
    void setAccount(widgets::Account &account) { m_account = &account; }

    /// Shows @p room, and joins it if need be.
    void showRoom(const QString &room);
    /// Ctrl+K.
    void chooseRoom();
    /// Asks for the name that others see.
    void chooseUser();

Q_SIGNALS:
    void failed(const QString &text);
    void unreadChanged(int total);
    void roomChanged(const QString &room);
    /// Somebody has said something to us while the window was not active.
    void mentioned(const QString &room, const QString &user, const QString &text);
    /// Name or joined rooms: what a program keeps for its next run.
    void profileChanged();
    void loginRequested();

protected:
    bool event(QEvent *event) override;
    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    static QWidget *makeRule(Qt::Orientation orientation);
    QWidget *makeSideBar();
    QWidget *makeConversation();
    void makeFind();
    void connectParts();
    void takeName();
    void rename(const QString &name, std::optional<Timestamp> adoptSince);
    void showUserMenu();
    void follow(RoomSession &shown);
    void submit(const QString &text);
    void beginEdit(qint64 offset, const QString &text);
    void editLast();
    void askToDelete(qint64 offset);
    void leaveRoom();
    void showRoomMenu(const QPoint &point);
    void onCaughtUp();
    void onArrived();
    bool isBeingRead() const;
    void markRead();
    void showState();
    void showPresence();
    void showEmpty(const RoomSession &room);
    void style();

    net::Session &m_session;
    widgets::Account *m_account = nullptr;
    Rooms m_rooms;
    const Timestamp m_openedAt = Clock::system().timestamp();
    bool m_wasNamed = false; // by the server, at some time
    QString m_room;
    QHash<QString, QString> m_drafts; // by room
    qint64 m_editing = 0; // the offset of what the composer changes
    QListView *m_list = nullptr;
    MessageView *m_messages = nullptr;
    Composer *m_composer = nullptr;
    FindBar *m_find = nullptr;
    QStackedLayout *m_stack = nullptr;
    widgets::EmptyState *m_empty = nullptr;
    widgets::ConnectionBadge *m_badge = nullptr;
    QLabel *m_title = nullptr, *m_about = nullptr, *m_typing = nullptr, *m_avatar = nullptr;
    QToolButton *m_user = nullptr, *m_add = nullptr, *m_more = nullptr;
};

} // namespace godwit::chat
