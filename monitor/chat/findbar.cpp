// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/findbar.h"

#include "monitor/chat/messageview.h"
#include "monitor/models/chatmodel.h"
#include "monitor/widgets/icons.h"
#include "monitor/widgets/theme.h"

#include <QBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using models::ChatModel;
namespace space = widgets::space;

FindBar::FindBar(MessageView &messages, QWidget *parent) : QFrame(parent), m_messages(messages)
{
    setObjectName(u"findBar"_s); // of its style
    m_field = new QLineEdit;
    m_field->setObjectName(u"find"_s);
    m_field->setPlaceholderText(tr("Find in this room"));
    m_field->setAccessibleName(m_field->placeholderText());
    m_field->installEventFilter(this);
    m_state = new QLabel;
    m_state->setProperty("role", u"muted"_s);
    m_state->setTextFormat(Qt::PlainText);
    const auto button = [](const QString &toolTip) {
        auto *made = new QToolButton;
        made->setProperty("role", u"quiet"_s);
        made->setToolTip(toolTip);
        made->setAccessibleName(toolTip);
        made->setIconSize({ 16, 16 });
        return made;
    };
    m_older = button(tr("An older one (Enter)"));
    m_newer = button(tr("A newer one (Shift+Enter)"));
    m_close = button(tr("Close (Esc)"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(space::l, space::s, space::m, space::s);
    layout->setSpacing(space::s);
    layout->addWidget(m_field, 1);
    layout->addWidget(m_state);
    for (QToolButton *each : { m_older, m_newer, m_close })
        layout->addWidget(each);
    connect(m_field, &QLineEdit::textChanged, this, &FindBar::searchAnew);
    connect(m_older, &QToolButton::clicked, this, &FindBar::findOlder);
    connect(m_newer, &QToolButton::clicked, this, &FindBar::findNewer);
    connect(m_close, &QToolButton::clicked, this, &FindBar::close);
    style();
    hide();
}

void FindBar::open()
{
    setVisible(true);
    m_field->setFocus();
    m_field->selectAll();
}

void FindBar::close()
{
    if (isHidden())
        return;
    m_isWaiting = false;
    m_current = QModelIndex();
    m_field->clear();
    hide();
    Q_EMIT closed();
}

QString FindBar::stateText() const
{
    return m_state->text();
}

ChatModel *FindBar::chat() const
{
    return qobject_cast<ChatModel *>(m_messages.model());
}

bool FindBar::isHit(int row) const
{
    const QModelIndex index = chat()->index(row);
    return !index.data(ChatModel::DeletedRole).toBool()
        && (index.data(ChatModel::TextRole).toString().contains(m_field->text(), Qt::CaseInsensitive)
            || index.data(ChatModel::FileRole).toString().contains(m_field->text(), Qt::CaseInsensitive));
}

/// The newest one, in what is loaded.
void FindBar::searchAnew()
{
    m_isWaiting = false;
    m_current = QModelIndex();
    m_state->clear();
    if (!chat() || m_field->text().isEmpty())
        return;
    for (int row = chat()->rowCount(); row-- > 0;) {
        if (isHit(row))
            return show(row);
    }
    m_state->setText(chat()->canLoadOlder() ? tr("Not in the latest: Enter looks further back") : tr("Not found"));
}

void FindBar::findOlder()
{
    m_isWaiting = false;
    if (!chat() || m_field->text().isEmpty())
        return;
    if (m_chat != chat()) {
        if (m_chat)
            m_chat->disconnect(this);
        m_chat = chat();
        // The view comes first: it keeps its place.
        connect(m_chat, &ChatModel::rowsInserted, this, &FindBar::onInserted, Qt::QueuedConnection);
    }
    for (int row = m_current.isValid() ? m_current.row() : chat()->rowCount(); row-- > 0;) {
        if (isHit(row))
            return show(row);
    }
    m_isWaiting = chat()->canLoadOlder();
    m_state->setText(m_isWaiting               ? tr("Looking further back…")
                         : m_current.isValid() ? tr("That is the oldest one")
                                               : tr("Not found"));
    if (m_isWaiting)
        Q_EMIT m_messages.olderWanted();
}

void FindBar::findNewer()
{
    m_isWaiting = false;
    if (!chat() || !m_current.isValid())
        return;
    for (int row = m_current.row() + 1; row < chat()->rowCount(); ++row) {
        if (isHit(row))
            return show(row);
    }
    m_state->setText(tr("That is the newest one"));
}

/// Counted from the newest; the number of all is not known before all is loaded.
void FindBar::show(int row)
{
    m_current = chat()->index(row);
    m_messages.setCurrentIndex(m_current);
    m_messages.scrollTo(m_current, QAbstractItemView::PositionAtCenter);
    int newer = 0, all = 0;
    for (int each = chat()->rowCount(); each-- > 0;) {
        if (!isHit(each))
            continue;
        ++all;
        newer += each >= row ? 1 : 0;
    }
    m_state->setText(chat()->canLoadOlder() ? tr("%L1 of %L2 or more").arg(newer).arg(all)
                                            : tr("%L1 of %L2").arg(newer).arg(all));
}

void FindBar::onInserted()
{
    if (m_isWaiting && m_chat && m_chat == chat())
        findOlder();
}

bool FindBar::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_field || event->type() != QEvent::KeyPress)
        return QFrame::eventFilter(watched, event);
    const auto &key = *static_cast<QKeyEvent *>(event);
    const bool isEnter = key.key() == Qt::Key_Return || key.key() == Qt::Key_Enter;
    const bool isShifted = key.modifiers().testFlag(Qt::ShiftModifier);
    if (key.key() == Qt::Key_Escape)
        close();
    else if (key.key() == Qt::Key_Up || (isEnter && !isShifted))
        findOlder();
    else if (key.key() == Qt::Key_Down || isEnter)
        findNewer();
    else
        return QFrame::eventFilter(watched, event);
    return true;
}

void FindBar::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange && m_close)
        style();
    QFrame::changeEvent(event);
}

void FindBar::style()
{
    const widgets::Tokens &tokens = widgets::Tokens::of(*this);
    const auto chevron = [&tokens](QStringView to) {
        return QIcon(u":/icons/chevron-%1-%2.svg"_s.arg(to, tokens.isDark ? u"dark" : u"light"));
    };
    m_older->setIcon(chevron(u"up"));
    m_newer->setIcon(chevron(u"down"));
    m_close->setIcon(widgets::lineIcon(u"close"_s, tokens.mutedText));
}

} // namespace godwit::chat
