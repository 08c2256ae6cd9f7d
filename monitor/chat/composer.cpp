// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/composer.h"

#include "monitor/widgets/icons.h"
#include "monitor/widgets/theme.h"

#include <QAbstractTextDocumentLayout>
#include <QBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QScrollBar>
#include <QToolButton>

namespace godwit::chat {

using namespace Qt::StringLiterals;
namespace space = widgets::space;

Composer::Composer(QWidget *parent) : QFrame(parent)
{
    m_text = new QPlainTextEdit;
    m_text->setObjectName(u"composer"_s);
    m_text->setAccessibleName(tr("Message"));
    m_text->setTabChangesFocus(true);
    m_text->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_text->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_text->installEventFilter(this);
    m_send = new QToolButton;
    m_send->setProperty("role", u"button"_s);
    m_send->setToolTip(tr("Send (Enter). Shift+Enter starts a new line."));
    m_send->setAccessibleName(tr("Send"));
    m_send->setEnabled(false);

    m_editing = new QLabel(tr("You are changing your message. Enter saves it, Esc leaves it as it was."));
    m_editing->setObjectName(u"editing"_s);
    m_editing->setProperty("role", u"muted"_s);
    m_editing->setFont(widgets::textFont(widgets::Type::Caption));
    m_editing->hide();

    auto *line = new QHBoxLayout;
    line->setSpacing(space::s);
    line->addWidget(m_text, 1);
    line->addWidget(m_send, 0, Qt::AlignBottom);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::l, space::m, space::l, space::m);
    layout->setSpacing(space::xs);
    layout->addWidget(m_editing);
    layout->addLayout(line);

    connect(m_send, &QToolButton::clicked, this, &Composer::submit);
    connect(m_text, &QPlainTextEdit::textChanged, this, [this] {
        m_send->setEnabled(m_whyNot.isEmpty() && !text().trimmed().isEmpty());
        fit();
        if (!m_isSetting && !m_isEditing && !text().trimmed().isEmpty())
            Q_EMIT typed();
    });
    style();
    fit();
}

bool Composer::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_text && event->type() == QEvent::KeyPress && takeKey(*static_cast<QKeyEvent *>(event)))
        return true;
    return QFrame::eventFilter(watched, event);
}

bool Composer::takeKey(const QKeyEvent &key)
{
    const bool isEnter = key.key() == Qt::Key_Return || key.key() == Qt::Key_Enter;
    if (isEnter && !(key.modifiers() & Qt::ShiftModifier)) {
        submit();
        return true;
    }
    if (key.key() == Qt::Key_Escape && m_isEditing) {
        endEdit();
        return true;
    }
    const bool isPlain = !(key.modifiers() & ~Qt::KeypadModifier);
    if (key.key() == Qt::Key_Up && isPlain && !m_isEditing && m_whyNot.isEmpty() && text().isEmpty()) {
        Q_EMIT editLastRequested();
        return true;
    }
    return false;
}

void Composer::setText(const QString &text)
{
    m_isSetting = true;
    m_text->setPlainText(text);
    m_text->moveCursor(QTextCursor::End);
    m_isSetting = false;
}

void Composer::beginEdit(const QString &text)
{
    if (!m_isEditing)
        m_draft = this->text();
    m_isEditing = true;
    m_editing->show();
    setText(text);
    m_text->setFocus();
}

void Composer::endEdit()
{
    if (!std::exchange(m_isEditing, false))
        return;
    m_editing->hide();
    setText(std::exchange(m_draft, QString()));
    Q_EMIT editEnded();
}

void Composer::setPlaceholder(const QString &text)
{
    m_placeholder = text;
    m_text->setPlaceholderText(m_whyNot.isEmpty() ? m_placeholder : m_whyNot);
}

void Composer::setReadOnly(const QString &why)
{
    m_whyNot = why;
    m_text->setReadOnly(!why.isEmpty());
    m_text->setToolTip(why);
    m_send->setToolTip(why.isEmpty() ? tr("Send (Enter). Shift+Enter starts a new line.") : why);
    m_send->setEnabled(why.isEmpty() && !text().trimmed().isEmpty());
    setPlaceholder(m_placeholder);
}

void Composer::submit()
{
    if (m_whyNot.isEmpty() && !text().trimmed().isEmpty())
        Q_EMIT submitted(text());
}

/// QPlainTextEdit's document counts its height in lines.
void Composer::fit()
{
    constexpr int frame = 2 * (5 + 1) + 2;
    const int line = m_text->fontMetrics().lineSpacing();
    const int lines = std::max(1, static_cast<int>(m_text->document()->size().height()));
    const int wanted = lines * line + 2 * static_cast<int>(m_text->document()->documentMargin()) + frame;
    const int limit = std::max(4 * line, window()->height() / 3);
    m_text->setVerticalScrollBarPolicy(wanted > limit ? Qt::ScrollBarAsNeeded : Qt::ScrollBarAlwaysOff);
    m_text->setFixedHeight(std::min(wanted, limit));
    m_send->setFixedHeight(line + 2 * static_cast<int>(m_text->document()->documentMargin()) + frame);
}

void Composer::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    fit();
}

void Composer::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        style();
    QFrame::changeEvent(event);
}

void Composer::style()
{
    m_send->setIcon(widgets::lineIcon(u"send"_s, widgets::Tokens::of(*this).accent));
    m_send->setIconSize({ 20, 20 });
}

} // namespace godwit::chat
