// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/widgets/theme.h"

#include <QColor>
#include <QPainter>
#include <QString>

namespace godwit::chat {

/// One or two letters that stand for a name: "Ada Lovelace" and "ada.lovelace" are AL, "bob" is B.
QString initials(const QString &name);

/// The same for a name on every machine and in every run; at least 4.5:1 on the surfaces of @p tokens.
QColor nameColour(const QString &name, const widgets::Tokens &tokens);

/// Draws a disc with the initials of @p name.
void paintAvatar(QPainter &painter, const QRectF &rect, const QString &name, const widgets::Tokens &tokens);

} // namespace godwit::chat
