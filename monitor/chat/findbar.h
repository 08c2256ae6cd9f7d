// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QPersistentModelIndex>
#include <QPointer>

class QLabel;
class QLineEdit;
class QToolButton;

namespace godwit::models {
class ChatModel;
}

namespace godwit::chat {

class MessageView;

/// Finds words in the room that is shown, from the newest message on: first in what is loaded, then in the pages of
/// history before it, as many as the model takes in.
class FindBar : public QFrame
{
    Q_OBJECT

public:
    /// @p messages must outlive it.
    explicit FindBar(MessageView &messages, QWidget *parent = nullptr);

    void open();
    void close();
    QLineEdit *field() const { return m_field; }
    QString stateText() const;

Q_SIGNALS:
    void closed();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    models::ChatModel *chat() const;
    bool isHit(int row) const;
    void searchAnew();
    void findOlder();
    void findNewer();
    void show(int row);
    void onInserted();
    void style();

    MessageView &m_messages;
    QPointer<models::ChatModel> m_chat; // that is listened to
    QPersistentModelIndex m_current;
    bool m_isWaiting = false; // for older messages
    QLineEdit *m_field = nullptr;
    QLabel *m_state = nullptr;
    QToolButton *m_older = nullptr, *m_newer = nullptr, *m_close = nullptr;
};

} // namespace godwit::chat
