// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/mediatypes.h"

#include <algorithm>
#include <iterator>

using namespace Qt::StringLiterals;

namespace godwit::http {

namespace {

// Short on purpose: QMimeDatabase reads files and takes a lock.
constexpr MediaType mediaTypes[] = {
    { "css"_L1, "text/css; charset=utf-8", true },
    { "csv"_L1, "text/csv; charset=utf-8", true },
    { "gif"_L1, "image/gif", true },
    { "gz"_L1, "application/gzip" },
    { "htm"_L1, "text/html; charset=utf-8" },
    { "html"_L1, "text/html; charset=utf-8" },
    { "ico"_L1, "image/vnd.microsoft.icon", true },
    { "jpeg"_L1, "image/jpeg", true },
    { "jpg"_L1, "image/jpeg", true },
    { "js"_L1, "text/javascript; charset=utf-8" },
    { "json"_L1, "application/json", true },
    { "md"_L1, "text/markdown; charset=utf-8", true },
    { "mp3"_L1, "audio/mpeg", true },
    { "mp4"_L1, "video/mp4", true },
    { "ndjson"_L1, "application/x-ndjson", true },
    { "pdf"_L1, "application/pdf", true }, // which browsers show in a viewer of their own, without the page's origin
    { "png"_L1, "image/png", true },
    { "svg"_L1, "image/svg+xml" },
    { "txt"_L1, "text/plain; charset=utf-8", true },
    { "wasm"_L1, "application/wasm" },
    { "webm"_L1, "video/webm", true },
    { "webp"_L1, "image/webp", true },
    { "woff2"_L1, "font/woff2", true },
    { "xml"_L1, "application/xml" },
    { "yaml"_L1, "application/yaml" },
    { "zip"_L1, "application/zip" },
};
constexpr MediaType unknown{ {}, "application/octet-stream" };

} // namespace

const MediaType &mediaTypeOf(const QString &fileName)
{
    const QStringView suffix = QStringView(fileName).sliced(fileName.lastIndexOf(u'.') + 1);
    const auto *const found
        = std::find_if(std::begin(mediaTypes), std::end(mediaTypes), [suffix](const MediaType &entry) {
              return suffix.compare(entry.suffix, Qt::CaseInsensitive) == 0;
          });
    return found != std::end(mediaTypes) ? *found : unknown;
}

} // namespace godwit::http
