// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/error.h"

#include <QtGlobal>

namespace godwit::websocket {

/// Why a connection was closed: RFC 6455, 7.4.1, and IANA's registry.
enum class CloseCode : quint16 {
    Normal = 1000,
    GoingAway = 1001, ///< the server drains, or the page was left
    ProtocolError = 1002,
    UnsupportedData = 1003,
    NoStatus = 1005, ///< never sent: the peer's close frame had no code
    Abnormal = 1006, ///< never sent: the connection ended without a close frame
    InvalidPayload = 1007,
    PolicyViolation = 1008,
    MessageTooBig = 1009,
    InternalError = 1011,
    TryAgainLater = 1013,
};

/// The close code that says to a client what http::problem() says with a status.
CloseCode closeCodeFor(Error::Code code);

} // namespace godwit::websocket
