// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/staticfiles.h"

#include "server/http/filebody.h"
#include "server/http/problem.h"

#include <QDateTime>

#include <algorithm>
#include <iterator>

using namespace Qt::StringLiterals;

namespace godwit::http {

namespace {

struct MediaType
{
    QLatin1StringView suffix;
    QByteArrayView type;
};

// Short on purpose: QMimeDatabase reads files and takes a lock.
constexpr MediaType mediaTypes[] = {
    { "css"_L1, "text/css; charset=utf-8" },
    { "csv"_L1, "text/csv; charset=utf-8" },
    { "gif"_L1, "image/gif" },
    { "gz"_L1, "application/gzip" },
    { "htm"_L1, "text/html; charset=utf-8" },
    { "html"_L1, "text/html; charset=utf-8" },
    { "ico"_L1, "image/vnd.microsoft.icon" },
    { "jpeg"_L1, "image/jpeg" },
    { "jpg"_L1, "image/jpeg" },
    { "js"_L1, "text/javascript; charset=utf-8" },
    { "json"_L1, "application/json" },
    { "md"_L1, "text/markdown; charset=utf-8" },
    { "mp3"_L1, "audio/mpeg" },
    { "mp4"_L1, "video/mp4" },
    { "ndjson"_L1, "application/x-ndjson" },
    { "pdf"_L1, "application/pdf" },
    { "png"_L1, "image/png" },
    { "svg"_L1, "image/svg+xml" },
    { "txt"_L1, "text/plain; charset=utf-8" },
    { "wasm"_L1, "application/wasm" },
    { "webm"_L1, "video/webm" },
    { "webp"_L1, "image/webp" },
    { "woff2"_L1, "font/woff2" },
    { "xml"_L1, "application/xml" },
    { "yaml"_L1, "application/yaml" },
    { "zip"_L1, "application/zip" },
};

QByteArrayView mediaTypeOf(const QString &path)
{
    const QStringView suffix = QStringView(path).sliced(path.lastIndexOf(u'.') + 1);
    const auto found = std::find_if(std::begin(mediaTypes), std::end(mediaTypes), [suffix](const MediaType &entry) {
        return suffix.compare(entry.suffix, Qt::CaseInsensitive) == 0;
    });
    return found != std::end(mediaTypes) ? found->type : QByteArrayView("application/octet-stream");
}

/// Changes with the file's time and size.
QByteArray etagOf(const QFile &file)
{
    const qint64 changed = file.fileTime(QFileDevice::FileModificationTime).toMSecsSinceEpoch();
    return '"' + QByteArray::number(changed, 16) + '-' + QByteArray::number(file.size(), 16) + '"';
}

RangeRequest rangeOf(const Request &request, QByteArrayView etag, qint64 fileSize)
{
    // RFC 9110, 13.1.5: a part is only good together with what the client has of the same file.
    const QByteArrayView condition = request.header("If-Range");
    if (request.method() != Method::Get || (!condition.isNull() && condition != etag))
        return {};
    return RangeRequest::parse(request.header("Range"), fileSize);
}

Response notSatisfiable(const Exchange &exchange, qint64 fileSize)
{
    Response response = problem(Status::RangeNotSatisfiable, u"the file has %1 bytes"_s.arg(fileSize), &exchange);
    response.add("Content-Range"_ba, "bytes */" + QByteArray::number(fileSize));
    return response;
}

} // namespace

StaticFiles::StaticFiles(const QString &folder, Disposition disposition)
    : m_root(folder),
      m_disposition(disposition) { }

Response StaticFiles::respond(const Exchange &exchange, const QString &path) const
{
    const Request &request = exchange.request;
    std::unique_ptr<QFile> file = orThrow(m_root.open(path));
    const qint64 fileSize = file->size();
    const QByteArray etag = etagOf(*file);
    const QByteArrayView known = request.header("If-None-Match");
    if (!known.isNull() && namesETag(known, etag))
        return std::move(Response(Status::NotModified).add("ETag"_ba, etag));

    const RangeRequest wanted = rangeOf(request, etag, fileSize);
    if (wanted.kind == RangeRequest::Kind::Unsatisfiable)
        return notSatisfiable(exchange, fileSize);
    const bool isPart = wanted.kind == RangeRequest::Kind::Part;
    const ByteRange range = isPart ? wanted.range : ByteRange{ 0, fileSize };
    Response response = Response::stream(mediaTypeOf(path), std::make_shared<FileBody>(std::move(file), range),
                                         isPart ? Status::PartialContent : Status::Ok);
    response.add("ETag"_ba, etag);
    response.add("Accept-Ranges"_ba, "bytes"_ba);
    response.add("Content-Disposition"_ba, contentDisposition(m_disposition, path));
    response.add("X-Content-Type-Options"_ba, "nosniff"_ba); // what was uploaded as text is not run as a page
    if (isPart)
        response.add("Content-Range"_ba,
                     "bytes " + QByteArray::number(range.at) + '-' + QByteArray::number(range.at + range.size - 1) + '/'
                         + QByteArray::number(fileSize));
    return response;
}

} // namespace godwit::http
