// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/files/tus.h"

#include "server/files/uploaderror.h"
#include "server/http/bind.h"
#include "server/http/httpdate.h"
#include "server/http/problem.h"
#include "server/http/syntax.h"

#include <QSet>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace godwit::files {

using async::Context;
using http::Exchange;
using http::Path;
using http::Request;
using http::Response;
using http::Status;
using http::StatusError;
using Member = http::As<protocol::Role::Member>;

namespace {

constexpr char Version[] = "1.0.0";
constexpr char Extensions[] = "creation,creation-with-upload,checksum,termination,expiration";
constexpr char ContentType[] = "application/offset+octet-stream";
/// Of Upload-Metadata, which is kept.
constexpr qsizetype MostMetadata = 8 * 1024;

[[noreturn]] void refuse(const QString &why)
{
    throw Error(Error::Code::InvalidArgument, why);
}

/// A whole number from 0 to 2^63 - 1; -1 where there is no such field.
qint64 number(const Request &request, QByteArrayView name)
{
    const QByteArrayView text = request.header(name);
    if (text.isNull())
        return -1;
    bool isNumber = false;
    const qint64 value = text.toLongLong(&isNumber);
    const bool hasOnlyDigits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!isNumber || !hasOnlyDigits)
        refuse(u"%1 must be a whole number, not \"%2\""_s.arg(QString::fromLatin1(name),
                                                              QString::fromLatin1(text).left(40)));
    return value;
}

void requireVersion(const Exchange &exchange)
{
    if (exchange.request.header("Tus-Resumable") != Version)
        throw StatusError(Status::PreconditionFailed, u"Tus-Resumable must be %1"_s.arg(QLatin1StringView(Version)));
}

bool sendsContent(const Request &request)
{
    return request.header("Content-Type").compare(ContentType, Qt::CaseInsensitive) == 0;
}

QByteArray fromBase64(QByteArrayView text, const QString &what)
{
    const auto decoded = QByteArray::fromBase64Encoding(text.toByteArray(), QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded)
        refuse(what + u" is no base64"_s);
    return *decoded;
}

/// What the request sends, from @p offset on.
Incoming incomingOf(Exchange &exchange, qint64 offset)
{
    const Request &request = exchange.request;
    Incoming incoming{ .offset = offset, .size = number(request, "Content-Length"), .next = [&exchange] {
                          return exchange.incoming().next();
                      } };
    const QByteArrayView checksum = request.header("Upload-Checksum");
    if (checksum.isNull())
        return incoming;
    const qsizetype space = checksum.indexOf(' ');
    incoming.algorithm = Digest::algorithmFrom(space < 0 ? checksum : checksum.first(space));
    if (!incoming.algorithm || space < 0)
        refuse(u"Upload-Checksum must be sha1 or sha256, a space, and the checksum"_s);
    incoming.checksum = fromBase64(checksum.sliced(space + 1), u"Upload-Checksum"_s);
    return incoming;
}

Response problemOf(const UploadError &error, const Exchange &exchange)
{
    switch (error.reason()) {
    case UploadError::Reason::Locked:
        return http::problem(Status::Locked, error.message(), &exchange);
    case UploadError::Reason::ChecksumMismatch:
        return http::problem(Status::ChecksumMismatch, error.message(), &exchange);
    case UploadError::Reason::NoSpace:
        return http::problem(Status::InsufficientStorage, error.message(), &exchange);
    }
    Q_UNREACHABLE();
}

/// What every answer of ours says besides.
Response marked(Response response)
{
    response.add("Tus-Resumable", Version);
    response.add("Cache-Control", "no-store");
    return response;
}

void tell(Response &response, const Upload &upload)
{
    response.add("Upload-Offset", QByteArray::number(upload.received));
    response.add("Upload-Expires", http::toHttpDate(upload.expiresAt));
    if (upload.isFinished())
        response.add("Content-Location", "/files/" + QUrl::toPercentEncoding(upload.finishedAs));
}

/// Answers with what @p work makes, problems included, in the terms of tus.
QCoro::Task<Response> inTusTerms(Exchange &exchange, QCoro::Task<Response> work)
{
    std::optional<Response> response;
    try {
        response = co_await std::move(work);
    } catch (const UploadError &error) {
        response = problemOf(error, exchange);
    } catch (const StatusError &error) {
        response = http::problem(error.status(), error.message(), &exchange);
        if (error.status() == Status::PreconditionFailed)
            response->add("Tus-Version", Version);
    } catch (const Error &error) {
        response = http::problem(error, exchange);
    }
    co_return marked(*std::move(response));
}

QCoro::Task<Response> create(Uploads &uploads, Exchange &exchange, Context context, protocol::Principal caller)
{
    requireVersion(exchange);
    const Request &request = exchange.request;
    const qint64 length = number(request, "Upload-Length");
    if (length < 0)
        refuse(request.hasHeader("Upload-Defer-Length")
                   ? u"Upload-Defer-Length is not known here: the length comes first"_s
                   : u"Upload-Length is missing"_s);
    const QByteArrayView metadata = request.header("Upload-Metadata");
    auto beginning = uploads.begin(
        context, caller, { .name = detail::nameIn(metadata), .length = length, .metadata = metadata.toByteArray() });
    Upload upload = co_await std::move(beginning);
    std::exception_ptr refusal;
    if (sendsContent(request) && !upload.isFinished()) {
        try {
            auto receiving = uploads.receive(context, caller, upload.id, incomingOf(exchange, 0));
            upload = co_await std::move(receiving);
        } catch (const Error &error) {
            if (error.code() != Error::Code::ResourceExhausted && error.code() != Error::Code::Unavailable)
                throw;
            refusal = std::current_exception();
        }
    }
    if (refusal) { // its client does not know where it is, and will begin another
        auto removing = uploads.remove(context, caller, upload.id);
        co_await std::move(removing);
        std::rethrow_exception(refusal);
    }
    Response response = Response::json(upload.toJson(), Status::Created);
    response.add("Location", "/api/uploads/" + upload.id);
    tell(response, upload);
    co_return response;
}

QCoro::Task<Response> append(Uploads &uploads, Exchange &exchange, Context context, protocol::Principal caller,
                             QByteArray id)
{
    requireVersion(exchange);
    if (!sendsContent(exchange.request))
        throw StatusError(Status::UnsupportedMediaType, u"the body must be %1"_s.arg(QLatin1StringView(ContentType)));
    const qint64 offset = number(exchange.request, "Upload-Offset");
    if (offset < 0)
        refuse(u"Upload-Offset is missing"_s);
    auto receiving = uploads.receive(context, std::move(caller), std::move(id), incomingOf(exchange, offset));
    const Upload upload = co_await std::move(receiving);
    Response response = Response::noContent();
    tell(response, upload);
    co_return response;
}

QCoro::Task<Response> show(Uploads &uploads, Exchange &exchange, Context context, protocol::Principal caller,
                           QByteArray id)
{
    if (exchange.request.method() == http::Method::Head)
        requireVersion(exchange);
    auto finding = uploads.find(context, std::move(caller), std::move(id));
    const Upload upload = co_await std::move(finding);
    Response response = Response::json(upload.toJson());
    tell(response, upload);
    response.add("Upload-Length", QByteArray::number(upload.length));
    if (!upload.metadata.isEmpty())
        response.add("Upload-Metadata", upload.metadata);
    co_return response;
}

QCoro::Task<Response> terminate(Uploads &uploads, Exchange &exchange, Context context, protocol::Principal caller,
                                QByteArray id)
{
    requireVersion(exchange);
    auto removing = uploads.remove(context, std::move(caller), std::move(id));
    co_await std::move(removing);
    co_return Response::noContent();
}

} // namespace

QString detail::nameIn(QByteArrayView metadata)
{
    if (metadata.size() > MostMetadata)
        refuse(u"Upload-Metadata is longer than %1 bytes"_s.arg(MostMetadata));
    QSet<QByteArray> keys;
    std::optional<QByteArray> name;
    http::syntax::forEachElement(metadata, [&](QByteArrayView pair) {
        const qsizetype space = pair.indexOf(' ');
        const QByteArray key = (space < 0 ? pair : pair.first(space)).toByteArray();
        const QByteArrayView value = space < 0 ? QByteArrayView() : pair.sliced(space + 1);
        if (keys.contains(key))
            refuse(u"Upload-Metadata has a key twice"_s);
        keys.insert(key);
        const QByteArray decoded = fromBase64(value, u"a value of Upload-Metadata"_s);
        if (key == "filename" || (key == "name" && !name))
            name = decoded;
        return true;
    });
    if (!name)
        refuse(u"Upload-Metadata must have a \"filename\""_s);
    QString text = QString::fromUtf8(*name);
    if (text.toUtf8() != *name)
        refuse(u"the file's name is no UTF-8"_s);
    return text;
}

static Response describe(Uploads &uploads)
{
    Response response = Response::noContent();
    response.add("Tus-Version", Version);
    response.add("Tus-Extension", Extensions);
    response.add("Tus-Checksum-Algorithm", "sha1,sha256");
    if (uploads.options().maxSize > 0)
        response.add("Tus-Max-Size", QByteArray::number(uploads.options().maxSize));
    return marked(std::move(response));
}

static QCoro::Task<Response> createUpload(Uploads &uploads, Exchange &exchange, Context context, Member caller)
{
    return inTusTerms(exchange, create(uploads, exchange, std::move(context), *caller));
}

static QCoro::Task<Response> appendToUpload(Uploads &uploads, Exchange &exchange, Context context, Member caller,
                                            Path<QString> id)
{
    return inTusTerms(exchange, append(uploads, exchange, std::move(context), *caller, id->toLatin1()));
}

static QCoro::Task<Response> showUpload(Uploads &uploads, Exchange &exchange, Context context, Member caller,
                                        Path<QString> id)
{
    return inTusTerms(exchange, show(uploads, exchange, std::move(context), *caller, id->toLatin1()));
}

static QCoro::Task<Response> endUpload(Uploads &uploads, Exchange &exchange, Context context, Member caller,
                                       Path<QString> id)
{
    return inTusTerms(exchange, terminate(uploads, exchange, std::move(context), *caller, id->toLatin1()));
}

/// For clients whose way here lets GET and POST pass and nothing else.
static QCoro::Task<Response> overridden(Uploads &uploads, Exchange &exchange, Context context, Member caller,
                                        Path<QString> id)
{
    const QByteArrayView method = exchange.request.header("X-HTTP-Method-Override");
    if (method == "PATCH")
        return appendToUpload(uploads, exchange, std::move(context), std::move(caller), std::move(id));
    if (method == "DELETE")
        return endUpload(uploads, exchange, std::move(context), std::move(caller), std::move(id));
    refuse(u"a POST to an upload needs X-HTTP-Method-Override: PATCH or DELETE"_s);
}

void addUploadRoutes(http::Router &router, Uploads &uploads)
{
    using http::bind;
    const qint64 most = uploads.options().maxSize > 0 ? uploads.options().maxSize : std::numeric_limits<qint64>::max();
    // As long as bytes come: see Limits::bodyTimeout.
    const auto stream = [most](http::Route &route) {
        route.accepting(most).streamed().withoutDeadline().timingOutWith(Status::RequestTimeout);
    };
    router.options("/api/uploads", bind(describe, uploads));
    stream(router.post("/api/uploads", bind(createUpload, uploads)));
    router.options("/api/uploads/{id}", bind(describe, uploads));
    stream(router.patch("/api/uploads/{id}", bind(appendToUpload, uploads)));
    stream(router.post("/api/uploads/{id}", bind(overridden, uploads)));
    router.get("/api/uploads/{id}", bind(showUpload, uploads));
    router.del("/api/uploads/{id}", bind(endUpload, uploads));
}

} // namespace godwit::files
