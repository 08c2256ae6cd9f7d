// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/composer.h"

#include "monitor/widgets/icons.h"
#include "monitor/widgets/theme.h"

#include <QAbstractTextDocumentLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
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

    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(space::l, space::m, space::l, space::m);
    layout->setSpacing(space::s);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_send, 0, Qt::AlignBottom);

    connect(m_send, &QToolButton::clicked, this, &Composer::submit);
    connect(m_text, &QPlainTextEdit::textChanged, this, [this] {
        m_send->setEnabled(m_whyNot.isEmpty() && !text().trimmed().isEmpty());
        fit();
    });
    style();
    fit();
}

bool Composer::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_text && event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        const bool isEnter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (isEnter && !(key->modifiers() & Qt::ShiftModifier)) {
            submit();
            return true;
        }
    }
    return QFrame::eventFilter(watched, event);
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
