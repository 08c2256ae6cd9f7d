// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace godwit::search {

/// Where a match begins and ends in what the database hands back. No stored text has these characters.
inline constexpr char16_t matchBegin = u'\x02';
inline constexpr char16_t matchEnd = u'\x03';

/// HTML-escaped, with the matches in `<mark>`; the marks are always in pairs.
QString toMarkedHtml(QStringView text);

/// Without control characters but tab and line ends.
QString withoutControlCharacters(QString text);

} // namespace godwit::search
