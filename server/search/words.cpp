// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/words.h"

namespace godwit::search {

static bool isWordCharacter(char32_t c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    // Marks belong to their letter: a combining accent must not cut a word in two.
    return QChar::isLetterOrNumber(c) || QChar::isMark(c) || QChar::category(c) == QChar::Other_PrivateUse;
}

/// How many code units the first character of @p text takes.
static qsizetype unitsOfFirst(QStringView text)
{
    return text.size() > 1 && text[0].isHighSurrogate() && text[1].isLowSurrogate() ? 2 : 1;
}

qsizetype wordLength(QStringView text)
{
    qsizetype length = 0;
    while (length < text.size()) {
        const QStringView rest = text.sliced(length);
        const qsizetype units = unitsOfFirst(rest);
        const char32_t character = units == 2 ? QChar::surrogateToUcs4(rest[0], rest[1]) : rest[0].unicode();
        if (!isWordCharacter(character))
            break;
        length += units;
    }
    return length;
}

QStringView nextWord(QStringView text, qsizetype &at)
{
    while (at < text.size()) {
        const QStringView rest = text.sliced(at);
        const qsizetype length = wordLength(rest);
        if (length > 0) {
            at += length;
            return rest.first(length);
        }
        at += unitsOfFirst(rest);
    }
    return {};
}

QString folded(QStringView word)
{
    QString result = word.toString();
    const bool isAscii = std::all_of(word.begin(), word.end(), [](QChar c) { return c < u'\x80'; });
    if (!isAscii) {
        result = result.normalized(QString::NormalizationForm_D);
        result.removeIf([](QChar c) { return c.isMark(); });
    }
    return result.toLower();
}

} // namespace godwit::search
