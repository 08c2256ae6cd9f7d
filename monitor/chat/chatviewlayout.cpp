// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/chatview.h"
#include "monitor/chat/composer.h"
#include "monitor/chat/findbar.h"
#include "monitor/chat/messageview.h"
#include "monitor/chat/namecolour.h"
#include "monitor/chat/roomdelegate.h"
#include "monitor/widgets/connectionbadge.h"
#include "monitor/widgets/emptystate.h"
#include "monitor/widgets/icons.h"

#include <QBoxLayout>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QShortcut>
#include <QStackedLayout>
#include <QToolButton>

/// The half of ChatView that says what stands where.
namespace godwit::chat {

using namespace Qt::StringLiterals;
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

} // namespace

QWidget *ChatView::makeRule(Qt::Orientation orientation)
{
    auto *line = new QWidget;
    line->setAutoFillBackground(true);
    line->setBackgroundRole(QPalette::Mid);
    orientation == Qt::Vertical ? line->setFixedWidth(1) : line->setFixedHeight(1);
    return line;
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
    m_list->setContextMenuPolicy(Qt::CustomContextMenu);

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
    layout->addWidget(makeRule(Qt::Horizontal));
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
    m_more = quietButton(tr("More about this room"));
    m_more->setPopupMode(QToolButton::InstantPopup);
    auto *menu = new QMenu(m_more);
    connect(menu->addAction(tr("Leave this room")), &QAction::triggered, this, &ChatView::leaveRoom);
    m_more->setMenu(menu);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(space::l, space::m, space::m, space::s);
    head->setSpacing(space::m);
    head->addWidget(m_title);
    head->addWidget(m_about);
    head->addWidget(m_more);
    head->addStretch(1);
    head->addWidget(m_badge);

    m_messages = new MessageView;
    makeFind();
    m_empty = new widgets::EmptyState;
    auto *content = new QWidget;
    m_stack = new QStackedLayout(content);
    m_stack->addWidget(m_messages);
    m_stack->addWidget(m_empty);
    m_typing = new QLabel;
    m_typing->setObjectName(u"typing"_s);
    m_typing->setProperty("role", u"muted"_s);
    m_typing->setFont(textFont(Type::Caption));
    m_typing->setContentsMargins(space::l, 0, space::l, 0);
    m_typing->setTextFormat(Qt::PlainText);
    // Its place is kept while nobody writes: nothing jumps.
    m_typing->setFixedHeight(QFontMetrics(m_typing->font()).height() + space::s);
    m_composer = new Composer;

    auto *conversation = new QWidget;
    auto *layout = new QVBoxLayout(conversation);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(makeRule(Qt::Horizontal));
    layout->addWidget(m_find);
    layout->addWidget(content, 1);
    layout->addWidget(m_typing);
    layout->addWidget(makeRule(Qt::Horizontal));
    layout->addWidget(m_composer);
    return conversation;
}

void ChatView::makeFind()
{
    m_find = new FindBar(*m_messages);
    connect(m_more->menu()->addAction(tr("Find in this room (Ctrl+F)")), &QAction::triggered, m_find, &FindBar::open);
    connect(new QShortcut(QKeySequence::Find, this), &QShortcut::activated, m_find, &FindBar::open);
    connect(m_find, &FindBar::closed, this, [this] {
        if (isVisible())
            m_composer->edit()->setFocus();
    });
}

void ChatView::style()
{
    constexpr int size = 24;
    const Tokens &tokens = Tokens::of(*this);
    m_add->setIcon(widgets::lineIcon(u"add"_s, tokens.mutedText));
    m_more->setIcon(widgets::lineIcon(u"more"_s, tokens.mutedText));
    QPixmap picture(QSize(size, size) * devicePixelRatioF());
    picture.setDevicePixelRatio(devicePixelRatioF());
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    paintAvatar(painter, QRectF(0, 0, size, size), m_rooms.user(), tokens);
    m_avatar->setPixmap(picture);
}

} // namespace godwit::chat
