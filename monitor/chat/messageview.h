// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/chat/messagedelegate.h"
#include "monitor/models/chatmodel.h"

#include <QListView>
#include <QPointer>
#include <QToolButton>

class QMenu;

namespace godwit::chat {

/// The messages of a room. Follows new ones only while it stands at the end; else the row under the reader's eyes stays
/// where it is, whatever comes in above or below, and a button leads to the latest.
class MessageView : public QListView
{
    Q_OBJECT

public:
    explicit MessageView(QWidget *parent = nullptr);

    /// Null for none. Starts at the end.
    void setChat(models::ChatModel *chat);
    bool isAtEnd() const { return m_isAtEnd; }
    /// What the menu of a message offers: to change our own, and to delete any.
    struct Rights
    {
        bool mayPost = false, mayModerate = false;
    };
    void setRights(Rights rights) { m_rights = rights; }
    void jumpToEnd();

Q_SIGNALS:
    /// The first messages are near and older ones exist.
    void olderWanted();
    void editRequested(qint64 offset);
    void deleteRequested(qint64 offset);
    /// @param name of one under /files.
    void fileClicked(const QString &name);
    void resendClicked(const QByteArray &localId);
    void discardClicked(const QByteArray &localId);
    /// The reader has reached the end, or left it.
    void atEndChanged(bool isAtEnd);

protected:
    void updateGeometries() override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    MessageTarget targetAt(const QPoint &point) const;
    bool mayEdit(const QModelIndex &index) const;
    bool mayDelete(const QModelIndex &index) const;
    void styleScrollBar();
    void fillMenu(QMenu &menu, const QModelIndex &index);
    void rememberAnchor();
    void onScrolled(int value);
    void styleJump();
    void showJump();
    void copySelected() const;

    QPointer<models::ChatModel> m_chat; // a room that is left takes it away
    MessageDelegate m_delegate;
    Rights m_rights;
    QToolButton *m_jump = nullptr;
    QPersistentModelIndex m_anchor; // the row whose place on the screen is kept
    int m_anchorTop = 0;
    bool m_isAtEnd = true;
    bool m_isPlacing = false; // we scroll, not the reader
    qint64 m_leftAt = 0; // the newest offset when the reader left the end
};

} // namespace godwit::chat
