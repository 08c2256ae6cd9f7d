// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QPlainTextEdit>

class QKeyEvent;
class QLabel;
class QToolButton;

namespace godwit::chat {

/// Where a message is written, or changed: Enter sends, Shift+Enter breaks the line; grows with its text up to a third
/// of the window.
class Composer : public QFrame
{
    Q_OBJECT

public:
    explicit Composer(QWidget *parent = nullptr);

    QString text() const { return m_text->toPlainText(); }
    /// As if it had always stood there: nobody typed() it.
    void setText(const QString &text);
    void clear() { setText({}); }
    /// Puts what is being written aside, and @p text in its place, until submitted() is followed by endEdit() or Esc
    /// is pressed.
    void beginEdit(const QString &text);
    void endEdit();
    bool isEditing() const { return m_isEditing; }
    /// What is being written, also while something else is edited.
    QString draft() const { return m_isEditing ? m_draft : text(); }
    void setPlaceholder(const QString &text);
    /// Says @p why nothing can be written here; empty: it can.
    void setReadOnly(const QString &why);
    QPlainTextEdit *edit() const { return m_text; }

Q_SIGNALS:
    void submitted(const QString &text);
    /// The user has changed a text that is not empty.
    void typed();
    /// By the arrow up where nothing is written.
    void editLastRequested();
    void editEnded();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void submit();
    void fit();
    void style();

    bool takeKey(const QKeyEvent &key);

    QString m_placeholder, m_whyNot, m_draft;
    bool m_isEditing = false, m_isSetting = false;
    QPlainTextEdit *m_text = nullptr;
    QToolButton *m_send = nullptr;
    QLabel *m_editing = nullptr;
};

} // namespace godwit::chat
