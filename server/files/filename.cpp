// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/files/filename.h"

#include <QList>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::files {

namespace {

/// Of Linux's file systems, and with room for the number that numbered() may add.
constexpr qsizetype MaximumBytes = 255, RoomForNumber = 8;

Failure refused(const QString &why)
{
    return failure(Error::Code::InvalidArgument, u"the file's name "_s + why);
}

/// Controls, marks of direction (which make "exe.png" look like another name), halves of surrogate pairs.
bool isSeen(const QString &text)
{
    const auto isShown = [](char32_t c) {
        return QChar::isPrint(c) && QChar::category(c) != QChar::Separator_Line
            && QChar::category(c) != QChar::Separator_Paragraph;
    };
    const auto codePoints = text.toUcs4();
    return text.isValidUtf16() && std::all_of(codePoints.cbegin(), codePoints.cend(), isShown);
}

bool isDevice(const QString &name)
{
    static const QStringList devices{ u"CON"_s, u"PRN"_s, u"AUX"_s, u"NUL"_s };
    const QString base = name.section(u'.', 0, 0).trimmed().toUpper();
    const bool isPort = base.size() == 4 && (base.startsWith(u"COM"_s) || base.startsWith(u"LPT"_s))
        && base.back() >= u'0' && base.back() <= u'9';
    return isPort || devices.contains(base);
}

} // namespace

Result<QString> fileName(const QString &text)
{
    QString name = text.normalized(QString::NormalizationForm_C);
    if (name.isEmpty())
        return refused(u"must not be empty"_s);
    if (name.toUtf8().size() > MaximumBytes - RoomForNumber)
        return refused(u"must not be longer than %1 bytes of UTF-8"_s.arg(MaximumBytes - RoomForNumber));
    if (!isSeen(name))
        return refused(u"has characters that cannot be seen"_s);
    if (name.contains(u'/') || name.contains(u'\\'))
        return refused(u"must not have a slash or a backslash"_s);
    if (name.startsWith(u'.') || name.endsWith(u'.'))
        return refused(u"must not begin or end with a dot"_s);
    if (name != name.trimmed())
        return refused(u"must not begin or end with white space"_s);
    if (isDevice(name))
        return refused(u"is one that Windows keeps for a device"_s);
    return name;
}

QString numbered(const QString &name, int number)
{
    const qsizetype dot = name.lastIndexOf(u'.');
    const qsizetype at = dot > 0 ? dot : name.size();
    return name.first(at) + u" (%1)"_s.arg(number) + name.sliced(at);
}

} // namespace godwit::files
