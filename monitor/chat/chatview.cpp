// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/chatview.h"

#include "monitor/chat/composer.h"
#include "monitor/chat/findbar.h"
#include "monitor/chat/messageview.h"
#include "monitor/chat/roomswitcher.h"
#include "monitor/chat/sharedfile.h"
#include "monitor/widgets/account.h"
#include "monitor/widgets/connectionbadge.h"
#include "monitor/widgets/emptystate.h"

#include <QApplication>
#include <QBoxLayout>
#include <QEvent>
#include <QInputDialog>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QShortcut>
#include <QStackedLayout>
#include <QToolButton>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using models::ChatModel;

ChatView::ChatView(net::Session &session, Rooms::Options options, QWidget *parent)
    : QWidget(parent),
      m_session(session),
      m_rooms(session, std::move(options))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addWidget(makeSideBar());
    layout->addWidget(makeRule(Qt::Vertical));
    layout->addWidget(makeConversation(), 1);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    connectParts();
    style();
    m_rooms.start();
    showRoom(m_rooms.joined().value(0));
    takeName();
}

ChatView::~ChatView()
{
    m_messages->setChat(nullptr); // the rooms, and with them the models, die first
    m_rooms.disconnect(this);
}

void ChatView::connectParts()
{
    connect(m_add, &QToolButton::clicked, this, &ChatView::chooseRoom);
    connect(m_user, &QToolButton::clicked, this, &ChatView::showUserMenu);
    connect(m_badge, &widgets::ConnectionBadge::loginRequested, this, &ChatView::loginRequested);
    connect(m_empty, &widgets::EmptyState::actionTriggered, this, &ChatView::loginRequested);
    connect(&m_session, &net::Session::identified, this, &ChatView::takeName);
    connect(&m_session.credentials(), &client::Credentials::principalChanged, this, &ChatView::takeName);
    connect(&m_session.credentials(), &client::Credentials::loginNeeded, this, &ChatView::showState);
    connect(m_composer, &Composer::submitted, this, &ChatView::submit);
    connect(m_composer, &Composer::editLastRequested, this, &ChatView::editLast);
    connect(m_composer, &Composer::editEnded, this, [this] { m_editing = 0; });
    connect(new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_K), this, nullptr, nullptr, Qt::WindowShortcut),
            &QShortcut::activated, this, &ChatView::chooseRoom);
    connect(m_list, &QListView::clicked, this, [this](const QModelIndex &index) { showRoom(index.data().toString()); });
    connect(m_list, &QListView::activated, this,
            [this](const QModelIndex &index) { showRoom(index.data().toString()); });

    const auto current = [this] { return m_rooms.session(m_room); };
    connect(m_messages, &MessageView::olderWanted, this, [current] {
        if (RoomSession *room = current())
            room->fetchOlder();
    });
    connect(m_composer, &Composer::typed, this, [current] {
        if (RoomSession *room = current())
            room->tellTyping();
    });
    connect(m_messages, &MessageView::editRequested, this, [this, current](qint64 offset) {
        const protocol::ChatMessage *message = current() ? current()->model().message(offset) : nullptr;
        if (message)
            beginEdit(offset, message->message);
    });
    connect(m_messages, &MessageView::deleteRequested, this, &ChatView::askToDelete);
    connect(m_messages, &MessageView::resendClicked, this, [current](const QByteArray &localId) {
        if (RoomSession *room = current())
            room->resend(localId);
    });
    connect(m_messages, &MessageView::discardClicked, this, [current](const QByteArray &localId) {
        if (RoomSession *room = current())
            room->discard(localId);
    });
    connect(m_messages, &MessageView::fileClicked, this, [this](const QString &name) {
        openSharedFile(m_session, name, [self = QPointer(this)](const Error &error) {
            if (self)
                Q_EMIT self->failed(error.message());
        });
    });
    connect(m_messages, &MessageView::atEndChanged, this, &ChatView::markRead);

    connect(&m_rooms, &Rooms::failed, this, &ChatView::failed);
    connect(&m_rooms, &Rooms::unreadChanged, this, &ChatView::unreadChanged);
    connect(&m_rooms, &Rooms::joinedChanged, this, &ChatView::profileChanged);
    connect(&m_rooms, &Rooms::mentioned, this, [this](const QString &room, const QString &user, const QString &text) {
        if (isActiveWindow())
            return;
        QApplication::alert(window());
        Q_EMIT mentioned(room, user, text);
    });
    connect(m_list, &QListView::customContextMenuRequested, this, &ChatView::showRoomMenu);
    connect(&m_rooms.model(), &models::RoomModel::dataChanged, this, &ChatView::showState);
}

void ChatView::showRoom(const QString &room)
{
    const Result<RoomSession *> joined = m_rooms.join(room);
    if (!joined) {
        Q_EMIT failed(joined.error().message());
        return;
    }
    if (RoomSession *left = m_rooms.session(m_room)) {
        left->disconnect(this);
        m_drafts.insert(m_room, m_composer->draft());
    }
    m_composer->endEdit();
    m_find->close();
    RoomSession &shown = **joined;
    m_room = shown.room();
    ChatModel &model = shown.model();
    model.setUnreadMark(shown.unread() > 0 ? std::optional(model.readOffset()) : std::nullopt);
    m_messages->setChat(&model);
    m_composer->setText(m_drafts.take(m_room));
    m_composer->setPlaceholder(tr("Message to %1").arg(m_room));
    if (isVisible() || !window()->isVisible())
        m_composer->edit()->setFocus(); // else it would take it from the page that is shown
    m_badge->follow(shown.connection());
    follow(shown);
    m_list->setCurrentIndex(m_rooms.model().indexOf(m_room));
    markRead();
    showState();
    Q_EMIT roomChanged(m_room);
}

void ChatView::follow(RoomSession &shown)
{
    connect(&shown, &RoomSession::caughtUp, this, &ChatView::onCaughtUp);
    connect(&shown, &RoomSession::messagesArrived, this, &ChatView::onArrived);
    connect(&shown, &RoomSession::fetchingChanged, this, &ChatView::showState);
    connect(&shown, &RoomSession::presenceChanged, this, &ChatView::showPresence);
    connect(&shown, &RoomSession::editRefused, this, [this](qint64 offset, const QString &text) {
        if (m_composer->draft().isEmpty() && !m_composer->isEditing())
            beginEdit(offset, text); // what was written is not lost
    });
}

void ChatView::leaveRoom()
{
    m_composer->endEdit();
    m_messages->setChat(nullptr);
    m_drafts.remove(m_room);
    const QString left = std::exchange(m_room, QString());
    m_rooms.leave(left);
    const QStringList others = m_rooms.joined();
    showRoom(others.isEmpty() ? QString::fromLatin1(Rooms::defaultRoom) : others.first());
}

void ChatView::chooseRoom()
{
    auto *switcher = new RoomSwitcher(m_rooms.model(), this);
    switcher->setAttribute(Qt::WA_DeleteOnClose);
    connect(switcher, &RoomSwitcher::chosen, this, &ChatView::showRoom);
    switcher->open();
}

void ChatView::chooseUser()
{
    auto *dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Your name"));
    dialog->setLabelText(tr("The name that others see:"));
    dialog->setTextValue(m_rooms.user());
    connect(dialog, &QInputDialog::textValueSelected, this, [this](const QString &name) { rename(name, {}); });
    dialog->open();
}

void ChatView::rename(const QString &name, std::optional<Timestamp> adoptSince)
{
    if (normalizedName(name) == m_rooms.user())
        return;
    const QString room = m_room;
    m_messages->setChat(nullptr);
    if (const auto taken = m_rooms.setUser(name, adoptSince); !taken)
        Q_EMIT failed(taken.error().message());
    showRoom(room);
    style();
}

/// The server's name for us, if it has one. What was written here before it was known is taken along.
void ChatView::takeName()
{
    if (m_session.isNamed())
        rename(m_session.user(), m_wasNamed ? std::nullopt : std::optional(m_openedAt));
    else if (m_wasNamed && m_session.credentials().principal())
        rename(m_session.user(), {}); // logged out, and still somebody; a nobody keeps the name until the next login
    m_wasNamed = m_wasNamed || m_session.isNamed();
    showState();
}

void ChatView::showUserMenu()
{
    if (!m_account)
        return chooseUser();
    QMenu menu;
    if (!m_session.isNamed())
        connect(menu.addAction(tr("Change your name…")), &QAction::triggered, this, &ChatView::chooseUser);
    m_account->fill(menu);
    const QPoint above(0, -menu.sizeHint().height());
    menu.exec(m_user->mapToGlobal(above));
}

void ChatView::submit(const QString &text)
{
    RoomSession *const room = m_rooms.session(m_room);
    if (!room)
        return;
    const bool isEdit = m_composer->isEditing();
    if (const auto taken = isEdit ? room->edit(m_editing, text) : room->post(text); !taken) {
        Q_EMIT failed(taken.error().message());
        return;
    }
    if (isEdit) {
        m_composer->endEdit();
        return;
    }
    m_composer->clear();
    room->model().setUnreadMark({});
    m_messages->jumpToEnd();
}

void ChatView::beginEdit(qint64 offset, const QString &text)
{
    m_editing = offset;
    m_composer->beginEdit(text);
}

void ChatView::editLast()
{
    RoomSession *const room = m_rooms.session(m_room);
    if (const protocol::ChatMessage *last = room ? room->model().lastOwn() : nullptr)
        beginEdit(last->offset, last->message);
}

void ChatView::askToDelete(qint64 offset)
{
    const RoomSession *const room = m_rooms.session(m_room);
    if (!room)
        return;
    auto *question = new QMessageBox(QMessageBox::Question, tr("Delete message"), tr("Delete this message?"),
                                     QMessageBox::Cancel, this);
    question->setAttribute(Qt::WA_DeleteOnClose);
    question->setInformativeText(tr("Everyone sees that there was one. This cannot be undone."));
    const QPushButton *const yes = question->addButton(tr("Delete"), QMessageBox::DestructiveRole);
    connect(yes, &QPushButton::clicked, this, [this, offset, name = m_room] {
        RoomSession *const of = m_rooms.session(name);
        if (const auto taken = of ? of->remove(offset) : Result<void>(); !taken)
            Q_EMIT failed(taken.error().message());
    });
    question->open();
}

void ChatView::showRoomMenu(const QPoint &point)
{
    const QString room = m_list->indexAt(point).data(models::RoomModel::NameRole).toString();
    if (room.isEmpty())
        return;
    QMenu menu;
    if (!m_rooms.session(room))
        connect(menu.addAction(tr("Join")), &QAction::triggered, this, [this, room] { showRoom(room); });
    else if (room == m_room)
        connect(menu.addAction(tr("Leave")), &QAction::triggered, this, &ChatView::leaveRoom);
    else
        connect(menu.addAction(tr("Leave")), &QAction::triggered, this, [this, room] { m_rooms.leave(room); });
    menu.exec(m_list->viewport()->mapToGlobal(point));
}

/// What was missed begins below a line, also when it is read at once.
void ChatView::onCaughtUp()
{
    RoomSession *const room = m_rooms.session(m_room);
    if (room && room->unread() > 0)
        room->model().setUnreadMark(room->model().readOffset());
}

void ChatView::onArrived()
{
    RoomSession *const room = m_rooms.session(m_room);
    if (!room)
        return;
    if (isBeingRead())
        markRead();
    else if (room->unread() > 0)
        room->model().setUnreadMark(room->model().readOffset());
    showState();
}

bool ChatView::isBeingRead() const
{
    return isVisible() && isActiveWindow() && m_messages->isAtEnd();
}

void ChatView::markRead()
{
    if (isBeingRead())
        m_rooms.markRead(m_room);
}

void ChatView::showState()
{
    const RoomSession *const room = m_rooms.session(m_room);
    const models::Room *const line = m_rooms.model().room(m_room);
    if (!room || !line)
        return;
    m_title->setText(u"# "_s + m_room);
    m_user->setText(m_rooms.user());
    m_user->setEnabled(m_account || !m_session.isNamed());
    m_user->setToolTip(m_account                 ? m_account->detail()
                           : m_session.isNamed() ? tr("Logged in as %1").arg(m_session.user())
                                                 : tr("Change your name"));
    m_composer->setReadOnly(m_session.whyNot(protocol::Role::Member));
    m_messages->setRights({ .mayPost = m_session.may(protocol::Role::Member), .mayModerate = room->mayModerate() });
    showPresence();
    showEmpty(*room);
}

void ChatView::showPresence()
{
    const RoomSession *const room = m_rooms.session(m_room);
    if (!room)
        return;
    const WhoIsHere &here = room->here();
    m_about->setText(here.count() > 0 ? tr("%L1 here").arg(here.count()) : QString());
    m_about->setVisible(here.count() > 0);
    m_about->setToolTip(presenceText(here));
    m_typing->setText(typingText(here.typing()));
}

void ChatView::showEmpty(const RoomSession &room)
{
    const QString loginNeeded = m_session.credentials().loginNeededFor();
    const bool isEmpty = m_messages->model() && m_messages->model()->rowCount() == 0;
    m_empty->setAction({});
    if (isEmpty && room.isFetching()) {
        m_empty->setContent(u"chat"_s, tr("Reading the history…"), {});
    } else if (isEmpty && !loginNeeded.isEmpty()) {
        m_empty->setContent(u"lock"_s, tr("The server asks for a login"),
                            tr("What you write is kept until then, and sent under the name that you log in with."));
        m_empty->setAction(tr("Log in…"));
    } else if (isEmpty && !room.isKnown()) {
        m_empty->setContent(u"chat"_s, tr("Waiting for the server…"),
                            tr("Messages come as soon as it answers; what you write is kept until then."));
    } else if (isEmpty) {
        m_empty->setContent(u"chat"_s, tr("Nothing has been said here yet"),
                            tr("Write below and press Enter. Everyone who joins %1 will see it.").arg(m_room));
    }
    m_stack->setCurrentWidget(isEmpty ? static_cast<QWidget *>(m_empty) : m_messages);
}

void ChatView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    markRead();
}

void ChatView::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange && m_avatar)
        style();
    QWidget::changeEvent(event);
}

bool ChatView::event(QEvent *event)
{
    const bool isDone = QWidget::event(event);
    if (event->type() == QEvent::WindowActivate)
        markRead();
    return isDone;
}

} // namespace godwit::chat
