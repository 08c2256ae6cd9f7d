// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/websocket/closecode.h"

namespace godwit::websocket {

CloseCode closeCodeFor(Error::Code code)
{
    switch (code) {
    case Error::Code::InvalidArgument:
    case Error::Code::FailedValidation:
    case Error::Code::Unauthenticated:
    case Error::Code::PermissionDenied:
    case Error::Code::NotFound:
    case Error::Code::Conflict:
    case Error::Code::RangeNotSatisfiable:
        return CloseCode::PolicyViolation;
    case Error::Code::PayloadTooLarge:
        return CloseCode::MessageTooBig;
    case Error::Code::ResourceExhausted:
    case Error::Code::Unavailable:
    case Error::Code::DeadlineExceeded:
        return CloseCode::TryAgainLater;
    case Error::Code::Cancelled:
        return CloseCode::GoingAway;
    case Error::Code::Internal:
        return CloseCode::InternalError;
    }
    return CloseCode::InternalError;
}

} // namespace godwit::websocket
