// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/core/name.h"

#include <QList>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit {

static bool isPrintable(const QString &text)
{
    const auto codePoints = text.toUcs4();
    return std::all_of(codePoints.cbegin(), codePoints.cend(), [](char32_t c) {
        const auto category = QChar::category(c);
        return QChar::isPrint(c) && category != QChar::Separator_Line && category != QChar::Separator_Paragraph;
    });
}

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

QString nameKey(const QString &name)
{
    const auto form = QString::NormalizationForm_KC;
    // Qt folds single characters only; upper case takes "ß" to "SS" before.
    return name.normalized(form).toUpper().toCaseFolded().normalized(form);
}

} // namespace godwit
