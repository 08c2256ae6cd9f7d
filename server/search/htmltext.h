// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace godwit::search {

struct HtmlText
{
    QString title; ///< of `<title>`, else of the first `<h1>`; may be empty
    QString text; ///< what a reader sees: no tags, scripts, styles or comments; white space made one
};

/// For an index, not for a screen: no document tree, never fails, linear time.
HtmlText readHtml(QStringView html);

} // namespace godwit::search
