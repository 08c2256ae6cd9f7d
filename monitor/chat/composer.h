// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QPlainTextEdit>

class QToolButton;

namespace godwit::chat {

/// Where a message is written: Enter sends, Shift+Enter breaks the line; grows with its text up to a third of the
/// window.
class Composer : public QFrame
{
    Q_OBJECT

public:
    explicit Composer(QWidget *parent = nullptr);

    QString text() const { return m_text->toPlainText(); }
    void setText(const QString &text) { m_text->setPlainText(text); }
    void clear() { m_text->clear(); }
    void setPlaceholder(const QString &text);
    /// Says @p why nothing can be written here; empty: it can.
    void setReadOnly(const QString &why);
    QPlainTextEdit *edit() const { return m_text; }

Q_SIGNALS:
    void submitted(const QString &text);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void submit();
    void fit();
    void style();

    QString m_placeholder, m_whyNot;
    QPlainTextEdit *m_text = nullptr;
    QToolButton *m_send = nullptr;
};

} // namespace godwit::chat
