// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>
#include <QString>

namespace godwit::http {

/// What a file is served as.
struct MediaType
{
    QLatin1StringView suffix;
    QByteArrayView type; ///< a literal
    bool isInert = false; ///< a browser shows it without running anything of it: good to be shown, whoever made it
};

/// By the suffix of @p fileName; `application/octet-stream` for those that are not known.
const MediaType &mediaTypeOf(const QString &fileName);

} // namespace godwit::http
