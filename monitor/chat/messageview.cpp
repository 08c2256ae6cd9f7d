// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/messageview.h"

#include "monitor/widgets/icons.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QGuiApplication>
#include <QMenu>
#include <QMouseEvent>
#include <QScopedValueRollback>
#include <QScrollBar>
#include <QStyle>

#include <algorithm>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using models::ChatModel;
using widgets::Tokens;

MessageView::MessageView(QWidget *parent) : QListView(parent)
{
    setItemDelegate(&m_delegate);
    setVerticalScrollMode(ScrollPerPixel);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn); // else its coming and going would break the lines anew
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setResizeMode(Adjust);
    setSelectionMode(ExtendedSelection);
    setFrameShape(NoFrame);
    setViewportMargins(0, 0, 0, widgets::space::s);
    setMouseTracking(true);
    setAccessibleName(tr("Messages"));
    verticalScrollBar()->setSingleStep(24);
    connect(verticalScrollBar(), &QScrollBar::rangeChanged, this, &MessageView::styleScrollBar);
    styleScrollBar();
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &MessageView::onScrolled);

    m_jump = new QToolButton(this);
    m_jump->setObjectName(u"jumpToLatest"_s);
    m_jump->setProperty("role", u"button"_s);
    m_jump->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_jump->setCursor(Qt::PointingHandCursor);
    m_jump->hide();
    connect(m_jump, &QToolButton::clicked, this, &MessageView::jumpToEnd);
    styleJump();
}

/// It keeps its place when there is nothing to scroll, and is not seen.
void MessageView::styleScrollBar()
{
    QScrollBar *const bar = verticalScrollBar();
    const bool isEmpty = bar->minimum() == bar->maximum();
    if (bar->property("empty").toBool() == isEmpty)
        return;
    bar->setProperty("empty", isEmpty);
    bar->style()->unpolish(bar);
    bar->style()->polish(bar);
}

void MessageView::setChat(ChatModel *chat)
{
    if (m_chat)
        m_chat->disconnect(this);
    m_chat = chat;
    m_delegate.forget();
    m_anchor = QModelIndex();
    m_isAtEnd = true;
    setModel(chat);
    if (chat) {
        connect(chat, &ChatModel::rowsAboutToBeInserted, this, &MessageView::rememberAnchor);
        connect(chat, &ChatModel::rowsAboutToBeRemoved, this, &MessageView::rememberAnchor);
        connect(chat, &ChatModel::rowsInserted, this, &MessageView::showJump);
        connect(chat, &ChatModel::modelReset, this, [this] { m_delegate.forget(); });
        // A changed row may need another height: the mark of unread messages, a note under a message of our own.
        connect(chat, &ChatModel::dataChanged, this, [this] { scheduleDelayedItemsLayout(); });
    }
    showJump();
    jumpToEnd();
}

void MessageView::jumpToEnd()
{
    m_anchor = QModelIndex();
    executeDelayedItemsLayout();
    verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    onScrolled(verticalScrollBar()->value());
}

/// Called while the old places still hold.
void MessageView::rememberAnchor()
{
    if (m_isAtEnd || m_anchor.isValid())
        return;
    const QModelIndex first = indexAt({ viewport()->width() / 2, 1 });
    m_anchor = first;
    m_anchorTop = visualRect(first).top();
}

/// Called when the new places are known.
void MessageView::updateGeometries()
{
    const QScopedValueRollback placing(m_isPlacing, true);
    QListView::updateGeometries();
    if (m_isAtEnd) {
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    } else if (m_anchor.isValid()) {
        const int moved = visualRect(m_anchor).top() - m_anchorTop;
        verticalScrollBar()->setValue(verticalScrollBar()->value() + moved);
    }
    m_anchor = QModelIndex();
    // A page of history that does not fill the view leaves nothing to scroll, so nothing would ask for the next.
    if (m_chat && m_chat->canLoadOlder() && verticalScrollBar()->maximum() == 0)
        QMetaObject::invokeMethod(this, &MessageView::olderWanted, Qt::QueuedConnection);
}

void MessageView::resizeEvent(QResizeEvent *event)
{
    rememberAnchor();
    QListView::resizeEvent(event);
    showJump();
}

void MessageView::onScrolled(int value)
{
    constexpr int near = 300, almost = 8;
    const bool isAtEnd = value >= verticalScrollBar()->maximum() - almost;
    if (!m_isPlacing || isAtEnd) {
        if (m_isAtEnd && !isAtEnd)
            m_leftAt = m_chat ? m_chat->lastOffset() : 0;
        if (std::exchange(m_isAtEnd, isAtEnd) != isAtEnd)
            Q_EMIT atEndChanged(isAtEnd);
    }
    showJump();
    if (m_chat && m_chat->canLoadOlder() && value < near)
        Q_EMIT olderWanted();
}

void MessageView::showJump()
{
    if (m_isAtEnd || !m_chat) {
        m_jump->hide();
        return;
    }
    const int fresh = m_chat->countAfter(m_leftAt);
    m_jump->setText(fresh > 0 ? tr("%L1 new").arg(fresh) : tr("Latest"));
    m_jump->adjustSize();
    constexpr int margin = widgets::space::l;
    m_jump->move(viewport()->width() - m_jump->width() - margin, height() - m_jump->height() - margin);
    m_jump->show();
    m_jump->raise();
}

void MessageView::styleJump()
{
    const Tokens &tokens = Tokens::of(*this);
    m_jump->setIcon(QIcon(tokens.isDark ? u":/icons/chevron-down-dark.svg"_s : u":/icons/chevron-down-light.svg"_s));
    m_jump->setIconSize({ 12, 12 });
    m_jump->setToolTip(tr("Jump to the latest message (End)"));
}

void MessageView::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        m_delegate.forget();
        scheduleDelayedItemsLayout();
        if (m_jump)
            styleJump();
    }
    QListView::changeEvent(event);
}

MessageTarget MessageView::targetAt(const QPoint &point) const
{
    const QModelIndex index = indexAt(point);
    if (!index.isValid())
        return {};
    const QRect row = visualRect(index);
    return m_delegate.targetAt(point - row.topLeft(), index, *this, row.width());
}

void MessageView::mouseMoveEvent(QMouseEvent *event)
{
    QListView::mouseMoveEvent(event);
    const MessageTarget target = targetAt(event->pos());
    const bool isActive = target.kind != MessageTarget::Kind::None;
    viewport()->setCursor(isActive ? Qt::PointingHandCursor : Qt::ArrowCursor);
    viewport()->setToolTip(target.link.toDisplayString());
}

void MessageView::mouseReleaseEvent(QMouseEvent *event)
{
    QListView::mouseReleaseEvent(event);
    if (event->button() != Qt::LeftButton || event->modifiers() != Qt::NoModifier)
        return;
    const QModelIndex index = indexAt(event->pos());
    const MessageTarget target = targetAt(event->pos());
    switch (target.kind) {
    case MessageTarget::Kind::None:
        break;
    case MessageTarget::Kind::Link:
        QDesktopServices::openUrl(target.link);
        break;
    case MessageTarget::Kind::File:
        Q_EMIT fileClicked(index.data(ChatModel::FileRole).toString());
        break;
    case MessageTarget::Kind::Resend:
        Q_EMIT resendClicked(index.data(ChatModel::LocalIdRole).toByteArray());
        break;
    case MessageTarget::Kind::Discard:
        Q_EMIT discardClicked(index.data(ChatModel::LocalIdRole).toByteArray());
        break;
    }
}

void MessageView::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Copy))
        return copySelected();
    if (event->key() == Qt::Key_End)
        return jumpToEnd();
    const QModelIndex current = currentIndex();
    if (event->key() == Qt::Key_Delete && mayDelete(current)) {
        Q_EMIT deleteRequested(current.data(ChatModel::OffsetRole).toLongLong());
        return;
    }
    QListView::keyPressEvent(event);
}

bool MessageView::mayEdit(const QModelIndex &index) const
{
    return m_rights.mayPost && index.data(ChatModel::OffsetRole).isValid() && index.data(ChatModel::OwnRole).toBool()
        && !index.data(ChatModel::DeletedRole).toBool();
}

bool MessageView::mayDelete(const QModelIndex &index) const
{
    return mayEdit(index)
        || (m_rights.mayModerate && index.data(ChatModel::OffsetRole).isValid()
            && !index.data(ChatModel::DeletedRole).toBool());
}

void MessageView::fillMenu(QMenu &menu, const QModelIndex &index)
{
    QAction *const copy = menu.addAction(tr("Copy"));
    copy->setEnabled(selectionModel() && selectionModel()->hasSelection());
    connect(copy, &QAction::triggered, this, &MessageView::copySelected);
    if (const QString file = index.data(ChatModel::FileRole).toString(); !file.isEmpty())
        connect(menu.addAction(tr("Open %1").arg(file)), &QAction::triggered, this,
                [this, file] { Q_EMIT fileClicked(file); });
    const qint64 offset = index.data(ChatModel::OffsetRole).toLongLong();
    if (mayEdit(index))
        connect(menu.addAction(tr("Edit")), &QAction::triggered, this,
                [this, offset] { Q_EMIT editRequested(offset); });
    if (mayDelete(index))
        connect(menu.addAction(tr("Delete…")), &QAction::triggered, this,
                [this, offset] { Q_EMIT deleteRequested(offset); });
}

void MessageView::contextMenuEvent(QContextMenuEvent *event)
{
    const bool isByKey = event->reason() == QContextMenuEvent::Keyboard;
    const MessageTarget target = isByKey ? MessageTarget() : targetAt(event->pos());
    const QModelIndex index = isByKey ? currentIndex() : indexAt(event->pos());
    QMenu menu;
    fillMenu(menu, index);
    if (target.kind == MessageTarget::Kind::Link) {
        const QString link = target.link.toString();
        connect(menu.addAction(tr("Copy link")), &QAction::triggered, this,
                [link] { QGuiApplication::clipboard()->setText(link); });
    }
    menu.exec(isByKey ? viewport()->mapToGlobal(visualRect(index).center()) : event->globalPos());
}

/// One message: its text alone. Several: with who and when.
void MessageView::copySelected() const
{
    QModelIndexList rows = selectedIndexes();
    std::sort(rows.begin(), rows.end());
    QStringList lines;
    for (const QModelIndex &row : std::as_const(rows))
        lines.append(row.data(rows.size() == 1 ? int(ChatModel::TextRole) : int(Qt::DisplayRole)).toString());
    if (!lines.isEmpty())
        QGuiApplication::clipboard()->setText(lines.join(u'\n'));
}

} // namespace godwit::chat
