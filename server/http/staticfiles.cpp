// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/staticfiles.h"

#include "server/http/contentdisposition.h"
#include "server/http/filebody.h"
#include "server/http/httpdate.h"
#include "server/http/mediatypes.h"
#include "server/http/problem.h"
#include "shared/core/ids.h"

#include <QDateTime>

#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace godwit::http {

namespace {

/// Of a file as it is now.
struct Version
{
    explicit Version(const QFile &file)
    {
        struct stat status{};
        if (::fstat(file.handle(), &status) != 0)
            throw Error(Error::Code::NotFound, u"there is no such file"_s);
        size = status.st_size;
        modified = Timestamp(std::chrono::seconds(status.st_mtim.tv_sec));
        // The inode, too: within a tick of the kernel's clock a name may get another file of the same size.
        etag = '"' + QByteArray::number(qint64(status.st_mtim.tv_sec), 16) + '.'
            + QByteArray::number(qint64(status.st_mtim.tv_nsec), 16) + '-' + QByteArray::number(size, 16) + '-'
            + QByteArray::number(quint64(status.st_ino), 16) + '"';
    }

    qint64 size = 0;
    Timestamp modified{}; ///< whole seconds
    Timestamp lookedAt = Clock::system().timestamp();
    QByteArray etag;
};

/// RFC 9110, 13.2.2: a date counts only where no entity tag is given.
bool isWithClient(const Request &request, const Version &version)
{
    const QByteArrayView known = request.header("If-None-Match");
    if (!known.isNull())
        return namesETag(known, version.etag);
    const auto since = fromHttpDate(request.header("If-Modified-Since"));
    return since && version.modified <= *since;
}

/// A date is good only if it is exactly the file's, and if the file was left alone for the rest of that second (RFC
/// 9110, 8.8.2.2): what was written twice within it would have one date for two contents.
bool isStillThat(const Version &version, QByteArrayView condition)
{
    if (condition.startsWith('"') || condition.startsWith("W/"))
        return condition == version.etag;
    const auto since = fromHttpDate(condition);
    return since && *since == version.modified && version.modified + std::chrono::seconds(1) <= version.lookedAt;
}

RangeRequest rangeOf(const Request &request, const Version &version)
{
    // RFC 9110, 13.1.5: a part is only good together with what the client has of the same file.
    const QByteArrayView condition = request.header("If-Range");
    if (request.method() != Method::Get || (!condition.isNull() && !isStillThat(version, condition)))
        return {};
    return RangeRequest::parse(request.header("Range"), version.size);
}

Response notSatisfiable(const Exchange &exchange, qint64 fileSize)
{
    Response response = problem(Status::RangeNotSatisfiable, u"the file has %1 bytes"_s.arg(fileSize), &exchange);
    response.add("Content-Range"_ba, "bytes */" + QByteArray::number(fileSize));
    return response;
}

QByteArray contentRange(const ByteRange &range, qint64 fileSize)
{
    return "bytes " + QByteArray::number(range.at) + '-' + QByteArray::number(range.at + range.size - 1) + '/'
        + QByteArray::number(fileSize);
}

/// What separates the parts of an answer: not to be guessed, so that no file has it in it.
const QByteArray &boundary()
{
    static const QByteArray text = makeSecretId();
    return text;
}

/// RFC 9110, 14.6.
std::vector<FileBody::Part> multipart(const std::vector<ByteRange> &ranges, QByteArrayView type, qint64 fileSize)
{
    std::vector<FileBody::Part> parts;
    parts.reserve(ranges.size());
    for (const ByteRange &range : ranges) {
        const QByteArray before = (parts.empty() ? "--"_ba : "\r\n--"_ba) + boundary() + "\r\nContent-Type: "
            + type.toByteArray() + "\r\nContent-Range: " + contentRange(range, fileSize) + "\r\n\r\n";
        parts.push_back({ .before = before, .range = range });
    }
    return parts;
}

} // namespace

StaticFiles::StaticFiles(const QString &folder, Makers makers, runtime::BlockingPool *pool)
    : m_root(folder),
      m_makers(makers),
      m_pool(pool)
{
}

Response StaticFiles::respond(const Exchange &exchange, const QString &path) const
{
    static const QByteArray multipartType = "multipart/byteranges; boundary=" + boundary(); // outlives every answer
    std::unique_ptr<QFile> file = orThrow(m_root.open(path));
    const Version version(*file);
    const MediaType &type = mediaTypeOf(path);
    const RangeRequest wanted = rangeOf(exchange.request, version);
    const bool isPart = wanted.kind == RangeRequest::Kind::Parts;
    Response response(Status::NotModified);
    if (isWithClient(exchange.request, version)) {
        // As it is.
    } else if (wanted.kind == RangeRequest::Kind::Unsatisfiable) {
        return notSatisfiable(exchange, version.size);
    } else if (isPart && wanted.parts.size() > 1) {
        auto body = std::make_shared<FileBody>(std::move(file), multipart(wanted.parts, type.type, version.size),
                                               "\r\n--" + boundary() + "--\r\n", m_pool);
        response = Response::stream(multipartType, std::move(body), Status::PartialContent);
    } else {
        const ByteRange range = isPart ? wanted.parts.front() : ByteRange{ 0, version.size };
        std::vector<FileBody::Part> parts{ { .before = {}, .range = range } };
        auto body = std::make_shared<FileBody>(std::move(file), std::move(parts), QByteArray(), m_pool);
        response = Response::stream(type.type, std::move(body), isPart ? Status::PartialContent : Status::Ok);
        if (isPart)
            response.add("Content-Range"_ba, contentRange(range, version.size));
    }
    response.add("ETag"_ba, version.etag);
    response.add("Last-Modified"_ba, toHttpDate(version.modified));
    if (response.status() == Status::NotModified)
        return response;
    const bool isSafe = m_makers == Makers::Ours || type.isInert;
    response.add("Accept-Ranges"_ba, "bytes"_ba);
    response.add("Content-Disposition"_ba,
                 contentDisposition(isSafe ? Disposition::Inline : Disposition::Attachment, path));
    response.add("X-Content-Type-Options"_ba, "nosniff"_ba); // what was uploaded as text is not run as a page
    if (!isSafe)
        response.add("Content-Security-Policy"_ba, "default-src 'none'; sandbox"_ba);
    return response;
}

} // namespace godwit::http
