// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/names.h"

#include <QList>

#include <algorithm>

namespace godwit::chat {

using namespace Qt::StringLiterals;

namespace {

bool isPrintable(const QString &text)
{
    const auto codePoints = text.toUcs4();
    return std::all_of(codePoints.cbegin(), codePoints.cend(), [](char32_t c) { return QChar::isPrint(c); });
}

} // namespace

Result<QString> normalizedName(const QString &name, QLatin1StringView what)
{
    QString normalized = name.trimmed().normalized(QString::NormalizationForm_C);
    if (normalized.isEmpty())
        return failure(Error::Code::InvalidArgument, u"\"%1\" must not be empty"_s.arg(what));
    if (normalized.size() > maxNameLength)
        return failure(Error::Code::InvalidArgument,
                       u"\"%1\" must not be longer than %2 characters"_s.arg(what).arg(maxNameLength));
    if (!normalized.isValidUtf16() || !isPrintable(normalized))
        return failure(Error::Code::InvalidArgument, u"\"%1\" has characters that cannot be seen"_s.arg(what));
    return normalized;
}

Result<void> checkMessage(const QString &text)
{
    if (text.isEmpty())
        return failure(Error::Code::FailedValidation, u"a message must not be empty"_s);
    if (text.contains(QChar::Null))
        return failure(Error::Code::FailedValidation, u"a message must not contain NUL"_s);
    // Three bytes a unit at most: most texts need not be counted.
    if (text.size() * 3 > maxMessageBytes && text.toUtf8().size() > maxMessageBytes)
        return failure(Error::Code::PayloadTooLarge,
                       u"a message must not be longer than %1 bytes"_s.arg(maxMessageBytes));
    return {};
}

} // namespace godwit::chat
