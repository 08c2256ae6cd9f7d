// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/error.h"

namespace godwit::files {

/// What may become of an upload and of nothing else.
class UploadError final : public Error
{
public:
    enum class Reason {
        Locked, ///< another request is sending to it
        ChecksumMismatch, ///< what was sent is not what was meant
        NoSpace, ///< the disk is full, or the quota
    };

    UploadError(Reason reason, QString message) : Error(Code::Conflict, std::move(message)), m_reason(reason) { }

    Reason reason() const { return m_reason; }
    void raise() const override { throw *this; }
    UploadError *clone() const override { return new UploadError(*this); }

private:
    Reason m_reason;
};

} // namespace godwit::files
