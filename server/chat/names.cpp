// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/names.h"

namespace godwit::chat {

using namespace Qt::StringLiterals;

Result<void> checkMessage(const QString &text)
{
    if (text.isEmpty())
        return failure(Error::Code::FailedValidation, u"a message must not be empty"_s);
    if (text.contains(QChar::Null))
        return failure(Error::Code::FailedValidation, u"a message must not contain NUL"_s);
    if (!text.isValidUtf16())
        return failure(Error::Code::FailedValidation, u"a message must not contain half of a surrogate pair"_s);
    // Three bytes a unit at most: most texts need not be counted.
    if (text.size() * 3 > maxMessageBytes && text.toUtf8().size() > maxMessageBytes)
        return failure(Error::Code::PayloadTooLarge,
                       u"a message must not be longer than %1 bytes"_s.arg(maxMessageBytes));
    return {};
}

} // namespace godwit::chat
