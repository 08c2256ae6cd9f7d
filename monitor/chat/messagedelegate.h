// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/chat/messagelayout.h"

#include <QStyledItemDelegate>

namespace godwit::chat {

/// What of a row is under the pointer and can be clicked.
struct MessageTarget
{
    enum class Kind { None, Link, File, Resend, Discard };

    Kind kind = Kind::None;
    QUrl link;
};

/// Draws the rows of a ChatModel as speech bubbles: others left with an avatar, our own right.
class MessageDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

    /// @p point is relative to the row's upper left corner.
    MessageTarget targetAt(const QPoint &point, const QModelIndex &index, const QWidget &view, int width) const;
    /// After a change of fonts, colours or the model.
    void forget() { m_layouts.forget(); }

private:
    mutable MessageLayouts m_layouts; // a cache
};

} // namespace godwit::chat
