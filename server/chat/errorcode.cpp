// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/errorcode.h"

using namespace Qt::StringLiterals;

namespace godwit::chat {

QLatin1StringView codeOf(Error::Code code)
{
    switch (code) {
    case Error::Code::InvalidArgument:
        return "invalid_argument"_L1;
    case Error::Code::FailedValidation:
        return "failed_validation"_L1;
    case Error::Code::Unauthenticated:
        return "unauthenticated"_L1;
    case Error::Code::PermissionDenied:
        return "permission_denied"_L1;
    case Error::Code::NotFound:
        return "not_found"_L1;
    case Error::Code::Conflict:
        return "conflict"_L1;
    case Error::Code::PayloadTooLarge:
        return "payload_too_large"_L1;
    case Error::Code::RangeNotSatisfiable:
        return "out_of_range"_L1;
    case Error::Code::ResourceExhausted:
        return "resource_exhausted"_L1;
    case Error::Code::Unavailable:
    case Error::Code::Cancelled:
        return "unavailable"_L1;
    case Error::Code::DeadlineExceeded:
        return "deadline_exceeded"_L1;
    case Error::Code::Internal:
        return "internal"_L1;
    }
    Q_UNREACHABLE();
}

} // namespace godwit::chat
