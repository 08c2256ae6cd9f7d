// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/core/error.h"

namespace godwit {

Error::Error(Code code, QString message) : m_code(code), m_message(std::move(message)), m_what(m_message.toUtf8()) { }

Error Error::withInternalMessage(QString text) &&
{
    m_internalMessage = std::move(text);
    m_what = m_internalMessage.toUtf8();
    return std::move(*this);
}

Error Error::withDecider(Decider decider) &&
{
    m_decider = std::make_shared<const Decider>(std::move(decider));
    return std::move(*this);
}

Error Error::internal(QString internalMessage)
{
    return Error(Code::Internal, QStringLiteral("internal error")).withInternalMessage(std::move(internalMessage));
}

Error Error::cancelled()
{
    return { Code::Cancelled, QStringLiteral("cancelled") };
}

} // namespace godwit
