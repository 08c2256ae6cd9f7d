// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/websocket/closecode.h"

#include <QByteArray>

namespace godwit::websocket {

/// Whole frames as a server sends them: final, unmasked (RFC 6455, 5.2). Built once, written to as many connections as
/// want it.
QByteArray textFrame(QByteArrayView utf8);
QByteArray binaryFrame(QByteArrayView bytes);
/// At most 125 bytes of @p payload are used (5.5).
QByteArray pingFrame(QByteArrayView payload = {});
/// @p reason is cut to 123 bytes at the border of a character.
QByteArray closeFrame(CloseCode code, QByteArrayView reason = {});

} // namespace godwit::websocket
