// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/chatview.h"

#include "monitor/chat/composer.h"
#include "monitor/chat/messageview.h"
#include "monitor/chat/namecolour.h"
#include "monitor/chat/roomdelegate.h"
#include "monitor/chat/roomswitcher.h"
#include "monitor/widgets/account.h"
#include "monitor/widgets/connectionbadge.h"
#include "monitor/widgets/emptystate.h"
#include "monitor/widgets/icons.h"

#include <QBoxLayout>
#include <QEvent>
#include <QInputDialog>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QShortcut>
#include <QStackedLayout>
#include <QToolButton>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using models::ChatModel;
using widgets::textFont;
using widgets::Tokens;
using widgets::Type;
namespace space = widgets::space;

namespace {

QToolButton *quietButton(const QString &toolTip)
{
    auto *button = new QToolButton;
    button->setProperty("role", u"quiet"_s);
    button->setToolTip(toolTip);
    button->setAccessibleName(toolTip);
    button->setIconSize({ 18, 18 });
    return button;
}

QWidget *rule(Qt::Orientation orientation)
{
    auto *line = new QWidget;
    line->setAutoFillBackground(true);
    line->setBackgroundRole(QPalette::Mid);
    orientation == Qt::Vertical ? line->setFixedWidth(1) : line->setFixedHeight(1);
    return line;
}

} // namespace

ChatView::ChatView(net::Session &session, Rooms::Options options, QWidget *parent)
    : QWidget(parent),
      m_session(session),
      m_rooms(session, std::move(options))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addWidget(makeSideBar());
    layout->addWidget(rule(Qt::Vertical));
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

QWidget *ChatView::makeSideBar()
{
    constexpr int width = 232;
    auto *heading = new QLabel(tr("Rooms"));
    heading->setFont(textFont(Type::Heading));
    m_add = quietButton(tr("Join or start a room (Ctrl+K)"));
    auto *top = new QHBoxLayout;
    top->setContentsMargins(space::l, space::m, space::m, space::s);
    top->addWidget(heading, 1);
    top->addWidget(m_add);

    m_list = new QListView;
    m_list->setObjectName(u"rooms"_s);
    m_list->setAccessibleName(tr("Rooms"));
    m_list->setModel(&m_rooms.model());
    m_list->setItemDelegate(new RoomDelegate(m_list));
    m_list->setMouseTracking(true);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);

    m_avatar = new QLabel;
    m_user = quietButton(tr("Change your name"));
    m_user->setToolButtonStyle(Qt::ToolButtonTextOnly);
    auto *bottom = new QHBoxLayout;
    bottom->setContentsMargins(space::l, space::s, space::m, space::s);
    bottom->addWidget(m_avatar);
    bottom->addWidget(m_user);
    bottom->addStretch();

    auto *side = new QWidget;
    side->setFixedWidth(width);
    auto *layout = new QVBoxLayout(side);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addLayout(top);
    layout->addWidget(m_list, 1);
    layout->addWidget(rule(Qt::Horizontal));
    layout->addLayout(bottom);
    return side;
}

QWidget *ChatView::makeConversation()
{
    m_title = new QLabel;
    m_title->setFont(textFont(Type::Heading));
    m_about = new QLabel;
    m_about->setProperty("role", u"muted"_s);
    m_badge = new widgets::ConnectionBadge;
    m_leave = quietButton(tr("Leave this room"));
    auto *head = new QHBoxLayout;
    head->setContentsMargins(space::l, space::m, space::m, space::s);
    head->setSpacing(space::m);
    head->addWidget(m_title);
    head->addWidget(m_about, 1);
    head->addWidget(m_badge);
    head->addWidget(m_leave);

    m_messages = new MessageView;
    m_empty = new widgets::EmptyState;
    auto *content = new QWidget;
    m_stack = new QStackedLayout(content);
    m_stack->addWidget(m_messages);
    m_stack->addWidget(m_empty);
    m_composer = new Composer;

    auto *conversation = new QWidget;
    auto *layout = new QVBoxLayout(conversation);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(rule(Qt::Horizontal));
    layout->addWidget(content, 1);
    layout->addWidget(rule(Qt::Horizontal));
    layout->addWidget(m_composer);
    return conversation;
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
    connect(m_leave, &QToolButton::clicked, this, &ChatView::leaveRoom);
    connect(m_composer, &Composer::submitted, this, &ChatView::post);
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
    connect(m_messages, &MessageView::gapClicked, this, [current](qint64 first) {
        if (RoomSession *room = current())
            room->fetchGap(first);
    });
    connect(m_messages, &MessageView::resendClicked, this, [current](const QByteArray &localId) {
        if (RoomSession *room = current())
            room->resend(localId);
    });
    connect(m_messages, &MessageView::discardClicked, this, [current](const QByteArray &localId) {
        if (RoomSession *room = current())
            room->discard(localId);
    });
    connect(m_messages, &MessageView::atEndChanged, this, &ChatView::markRead);

    connect(&m_rooms, &Rooms::failed, this, &ChatView::failed);
    connect(&m_rooms, &Rooms::unreadChanged, this, &ChatView::unreadChanged);
    connect(&m_rooms, &Rooms::joinedChanged, this, &ChatView::profileChanged);
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
        m_drafts.insert(m_room, m_composer->text());
    }
    RoomSession &shown = **joined;
    m_room = shown.room();
    ChatModel &model = shown.model();
    model.setUnreadMark(model.unreadCount() > 0 ? model.readOffset() : 0);
    m_messages->setChat(&model);
    m_composer->setText(m_drafts.take(m_room));
    m_composer->setPlaceholder(tr("Message to %1").arg(m_room));
    m_composer->edit()->setFocus();
    m_badge->follow(shown.connection());
    connect(&shown, &RoomSession::messagesArrived, this, &ChatView::onArrived);
    connect(&shown, &RoomSession::fetchingChanged, this, &ChatView::showState);
    m_list->setCurrentIndex(m_rooms.model().indexOf(m_room));
    markRead();
    showState();
    Q_EMIT roomChanged(m_room);
}

void ChatView::leaveRoom()
{
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

void ChatView::post(const QString &text)
{
    RoomSession *const room = m_rooms.session(m_room);
    if (!room)
        return;
    if (const auto taken = room->post(text); !taken) {
        Q_EMIT failed(taken.error().message());
        return;
    }
    m_composer->clear();
    room->model().setUnreadMark(0);
    m_messages->jumpToEnd();
}

void ChatView::onArrived()
{
    RoomSession *const room = m_rooms.session(m_room);
    if (!room)
        return;
    ChatModel &model = room->model();
    if (isBeingRead())
        markRead();
    else if (model.unreadMark() == 0 && model.unreadCount() > 0)
        model.setUnreadMark(model.readOffset());
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
    m_about->setText(line->members > 0 ? tr("%L1 here").arg(line->members) : QString());
    m_user->setText(m_rooms.user());
    m_user->setEnabled(m_account || !m_session.isNamed());
    m_user->setToolTip(m_account                 ? m_account->detail()
                           : m_session.isNamed() ? tr("Logged in as %1").arg(m_session.user())
                                                 : tr("Change your name"));
    m_composer->setReadOnly(m_session.whyNot(protocol::Role::Member));
    const QString loginNeeded = m_session.credentials().loginNeededFor();
    m_empty->setAction({});
    const bool isEmpty = m_rooms.session(m_room)->model().rowCount() == 0;
    if (isEmpty && room->isFetching()) {
        m_empty->setContent(u"chat"_s, tr("Reading the history…"), {});
    } else if (isEmpty && !loginNeeded.isEmpty()) {
        m_empty->setContent(u"lock"_s, tr("The server asks for a login"),
                            tr("What you write is kept until then, and sent under the name that you log in with."));
        m_empty->setAction(tr("Log in…"));
    } else if (isEmpty && !room->isKnown()) {
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

void ChatView::style()
{
    constexpr int size = 24;
    const Tokens &tokens = Tokens::of(*this);
    m_add->setIcon(widgets::lineIcon(u"add"_s, tokens.mutedText));
    m_leave->setIcon(widgets::lineIcon(u"close"_s, tokens.mutedText));
    QPixmap picture(QSize(size, size) * devicePixelRatioF());
    picture.setDevicePixelRatio(devicePixelRatioF());
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    paintAvatar(painter, QRectF(0, 0, size, size), m_rooms.user(), tokens);
    m_avatar->setPixmap(picture);
}

} // namespace godwit::chat
