// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/roomswitcher.h"

#include "monitor/widgets/theme.h"

#include <QCoreApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using models::Room;
namespace space = widgets::space;

static constexpr int lineHeight = 32;

RoomSwitcher::RoomSwitcher(const models::RoomModel &rooms, QWidget *parent) : QDialog(parent), m_rooms(rooms.rooms())
{
    setWindowTitle(tr("Go to room"));
    setMinimumSize(400, 320);
    m_name = new QLineEdit;
    m_name->setPlaceholderText(tr("Name of a room, also of a new one"));
    m_name->setClearButtonEnabled(true);
    m_name->installEventFilter(this);
    m_list = new QListWidget;
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setFrameShape(QFrame::NoFrame);
    auto *keys = new QLabel(tr("↑ ↓ choose · Enter goes there · Esc closes"));
    keys->setProperty("role", u"muted"_s);
    keys->setFont(widgets::textFont(widgets::Type::Caption));

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::l, space::l, space::l, space::l);
    layout->setSpacing(space::m);
    layout->addWidget(m_name);
    layout->addWidget(m_list, 1);
    layout->addWidget(keys);

    connect(m_name, &QLineEdit::textChanged, this, &RoomSwitcher::filter);
    connect(m_name, &QLineEdit::returnPressed, this, &RoomSwitcher::choose);
    connect(m_list, &QListWidget::itemClicked, this, &RoomSwitcher::choose);
    filter({});
}

void RoomSwitcher::filter(const QString &text)
{
    const QString wanted = text.trimmed();
    m_list->clear();
    for (const Room &room : m_rooms) {
        if (!room.name.contains(wanted, Qt::CaseInsensitive))
            continue;
        QString line = u"# "_s + room.name;
        if (room.unread > 0)
            line += tr("  (%L1 unread)").arg(room.unread);
        else if (!room.isJoined)
            line += tr("  (not joined)");
        auto *item = new QListWidgetItem(line, m_list);
        item->setData(Qt::UserRole, room.name);
        item->setSizeHint({ 0, lineHeight });
    }
    const bool isKnown
        = std::any_of(m_rooms.cbegin(), m_rooms.cend(), [&](const Room &room) { return room.name == wanted; });
    if (!wanted.isEmpty() && !isKnown) {
        auto *item = new QListWidgetItem(tr("Join or start “%1”").arg(wanted), m_list);
        item->setData(Qt::UserRole, wanted);
        item->setSizeHint({ 0, lineHeight });
    }
    m_list->setCurrentRow(0);
}

bool RoomSwitcher::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_name && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Up || key == Qt::Key_Down || key == Qt::Key_PageUp || key == Qt::Key_PageDown) {
            QCoreApplication::sendEvent(m_list, event);
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

void RoomSwitcher::choose()
{
    const QListWidgetItem *const item = m_list->currentItem();
    if (!item)
        return;
    Q_EMIT chosen(item->data(Qt::UserRole).toString());
    accept();
}

} // namespace godwit::chat
