// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/requestparser.h"

#include "server/http/syntax.h"

#include <cstring>

using namespace Qt::StringLiterals;

namespace godwit::http {

namespace {

/// Of RFC 9112, 2.2: empty lines before a request are skipped, but not for ever.
constexpr int MaximumBlankLines = 4;
/// What a body's buffer may keep for the next request of its connection.
constexpr qsizetype KeptCapacity = 64 * 1024;

const char *find(const char *from, const char *end, char what)
{
    return static_cast<const char *>(memchr(from, what, size_t(end - from)));
}

} // namespace

/// What of the head is still to be read.
struct RequestParser::Line
{
    const char *begin;
    const char *end; // of the head
};

void RequestParser::refuse(Status status, QLatin1StringView reason)
{
    m_state = State::Refused;
    m_refusal = status;
    m_reason = reason;
}

void RequestParser::reset(Request &request)
{
    request.m_head.resize(0);
    if (request.m_body.capacity() > KeptCapacity)
        request.m_body = QByteArray();
    else
        request.m_body.resize(0);
    request.m_fields.clear();
    m_state = State::Head;
    m_chunk = Chunk::Size;
    m_missing = m_bodySize = 0;
    m_lineSize = m_overhead = 0;
    m_authorityAt = m_authoritySize = 0;
    m_sizeDigits = m_blankLines = 0;
    m_trailerCount = 0;
    m_trailer = QByteArray();
    m_hasStarted = m_hasHead = m_hasLength = m_isChunked = m_expectsContinue = false;
    m_hasHost = m_asksClose = m_asksKeepAlive = m_asksUpgrade = m_offersWebSocket = false;
}

qsizetype RequestParser::feed(QByteArrayView bytes, Request &request)
{
    qsizetype used = 0;
    if (m_state == State::Head)
        used = feedHead(bytes, request);
    if (m_state == State::Body && used < bytes.size())
        used += feedBody(bytes.sliced(used), request);
    return used;
}

qsizetype RequestParser::feedHead(QByteArrayView bytes, Request &request)
{
    const char *const begin = bytes.data(), *const end = begin + bytes.size();
    const char *p = begin;
    if (request.m_head.isEmpty()) {
        for (; p < end && (*p == '\r' || *p == '\n'); ++p) {
            // Whole empty lines only, so `lineSize` is 0 or, after a CR, 1.
            if ((*p == '\n') != (m_lineSize == 1)) {
                refuse(Status::BadRequest, "bare CR or LF"_L1);
                return p - begin;
            }
            m_lineSize = *p == '\r';
            if (*p == '\n' && ++m_blankLines > MaximumBlankLines) {
                refuse(Status::BadRequest, "empty lines in place of a request"_L1);
                return p - begin;
            }
        }
        if (p == end)
            return p - begin;
        m_hasStarted = true;
        if (m_lineSize == 1 || !syntax::isTokenCharacter(*p)) {
            refuse(Status::BadRequest, "not a request line"_L1);
            return p - begin;
        }
    }
    const char *const head = p;
    const char *lineBegin = p;
    const char *endOfHead = nullptr;
    while (const char *lf = find(p, end, '\n')) {
        const char before = lf > head ? lf[-1] : request.m_head.isEmpty() ? '\0' : request.m_head.back();
        if (before != '\r') {
            refuse(Status::BadRequest, "bare LF"_L1);
            return lf - begin;
        }
        p = lf + 1;
        const qsizetype lineSize = m_lineSize + (lf - lineBegin);
        m_lineSize = 0;
        lineBegin = p;
        if (lineSize == 1) {
            endOfHead = p;
            break;
        }
    }
    const qsizetype taken
        = std::min<qsizetype>((endOfHead ? endOfHead : end) - head, m_limits.headBytes + 1 - request.m_head.size());
    request.m_head.append(head, taken);
    if (request.m_head.size() > m_limits.headBytes) {
        const bool isOneLine = request.m_head.indexOf('\n') < 0;
        refuse(isOneLine ? Status::UriTooLong : Status::HeaderFieldsTooLarge, "the head is too large"_L1);
    } else if (endOfHead) {
        parseHead(request);
    } else {
        m_lineSize += end - lineBegin;
        if (request.m_head.size() > m_limits.requestLineBytes && request.m_head.indexOf('\n') < 0)
            refuse(Status::UriTooLong, "the request line is too long"_L1);
    }
    return head - begin + taken;
}

void RequestParser::parseHead(Request &request)
{
    const char *const begin = request.m_head.constData();
    const char *const lf = find(begin, begin + request.m_head.size(), '\n');
    const qsizetype lineSize = lf - 1 - begin;
    if (lineSize > m_limits.requestLineBytes)
        return refuse(Status::UriTooLong, "the request line is too long"_L1);
    if (!parseRequestLine(request, lineSize))
        return;
    Line line{ lf + 1, begin + request.m_head.size() };
    while (*line.begin != '\r') {
        if (!parseField(request, line))
            return;
    }
    if (line.end - line.begin != 2)
        return refuse(Status::BadRequest, "bare CR"_L1);
    finishHead(request);
}

bool RequestParser::parseRequestLine(Request &request, qsizetype size)
{
    const char *const begin = request.m_head.constData(), *const end = begin + size;
    const char *p = begin;
    while (syntax::isTokenCharacter(*p))
        ++p;
    request.m_methodSize = p - begin;
    const char *const target = p + 1;
    const char *const space = *p == ' ' && target < end ? find(target, end, ' ') : nullptr;
    if (!space || space == target || end - space != 9 || memcmp(space + 1, "HTTP/", 5) != 0) {
        refuse(Status::BadRequest, "not a request line"_L1);
        return false;
    }
    if (memcmp(space + 6, "1.", 2) != 0 || (space[8] != '0' && space[8] != '1')) {
        refuse(Status::VersionNotSupported, "only HTTP/1 is spoken here"_L1);
        return false;
    }
    request.m_minorVersion = quint8(space[8] - '0');
    request.m_method = toMethod({ begin, request.m_methodSize });
    request.m_targetAt = target - begin;
    request.m_targetSize = space - target;
    return parseTarget(request);
}

bool RequestParser::parseTarget(Request &request)
{
    const QByteArrayView target = request.target();
    for (const char c : target) {
        if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f || c == '#') {
            refuse(Status::BadRequest, "a byte that a target must not have"_L1);
            return false;
        }
    }
    if (request.methodName() == "CONNECT") {
        refuse(Status::NotImplemented, "this is no proxy"_L1);
        return false;
    }
    const bool isAsterisk = target == "*";
    if (target.front() != '/' && !(isAsterisk && request.m_method == Method::Options) && !reduceAbsoluteForm(request)) {
        refuse(Status::BadRequest, "a target in no form of RFC 9112, 3.2"_L1);
        return false;
    }
    const char *const at = request.m_head.constData() + request.m_targetAt;
    const char *const question = find(at, at + request.m_targetSize, '?');
    request.m_pathSize = question ? question - at : request.m_targetSize;
    return true;
}

/// `http://host:port/path?query` becomes `/path?query`; the authority is kept to replace Host (RFC 9112, 3.2.2).
bool RequestParser::reduceAbsoluteForm(Request &request)
{
    const QByteArrayView target = request.target();
    const qsizetype colon = target.indexOf("://");
    if (colon < 0
        || !(syntax::equalsLower(target.first(colon), "http") || syntax::equalsLower(target.first(colon), "https")))
        return false;
    qsizetype end = colon + 3;
    while (end < target.size() && target[end] != '/' && target[end] != '?')
        ++end;
    const qsizetype authoritySize = end - colon - 3;
    if (!syntax::isAuthority(target.sliced(colon + 3, authoritySize), false))
        return false;
    m_authorityAt = request.m_targetAt + colon + 3;
    m_authoritySize = authoritySize;
    if (end < target.size() && target[end] == '/') {
        request.m_targetAt += end;
        request.m_targetSize -= end;
        return true;
    }
    // An empty path means "/", which has no byte of its own: the authority moves over the scheme's second slash.
    char *const authority = request.m_head.data() + m_authorityAt;
    memmove(authority - 1, authority, size_t(authoritySize));
    --m_authorityAt;
    authority[authoritySize - 1] = '/';
    request.m_targetAt = m_authorityAt + authoritySize;
    request.m_targetSize -= end - 1;
    return true;
}

bool RequestParser::parseField(Request &request, Line &line)
{
    const char *const name = line.begin;
    const char *colon = name;
    while (syntax::isTokenCharacter(*colon)) // ends at the latest at a CR
        ++colon;
    if (*colon != ':' || colon == name) {
        // White space is no character of a token: this refuses folded lines and a space before the colon too.
        refuse(Status::BadRequest, "not a field"_L1);
        return false;
    }
    const char *end = syntax::firstControl(colon + 1, line.end);
    while (*end == '\t')
        end = syntax::firstControl(end + 1, line.end);
    if (*end != '\r' || end[1] != '\n') {
        refuse(Status::BadRequest, "a control character in a field"_L1);
        return false;
    }
    if (request.m_fields.size() >= m_limits.headers) {
        refuse(Status::HeaderFieldsTooLarge, "too many fields"_L1);
        return false;
    }
    line.begin = end + 2;
    const char *value = colon + 1;
    while (value < end && syntax::isBlank(*value))
        ++value;
    while (end > value && syntax::isBlank(end[-1]))
        --end;
    const char *const head = request.m_head.constData();
    request.m_fields.append({ .nameAt = quint32(name - head),
                              .nameSize = quint32(colon - name),
                              .valueAt = quint32(value - head),
                              .valueSize = quint32(end - value) });
    return takeFramingField(request, { name, colon - name }, { value, end - value });
}

/// The fields that decide where this request ends and what becomes of the connection.
bool RequestParser::takeFramingField(Request &request, QByteArrayView name, QByteArrayView value)
{
    switch (name.size()) {
    case 4:
        if (syntax::equalsLower(name, "host")) {
            if (m_hasHost || !syntax::isAuthority(value, true)) {
                refuse(Status::BadRequest, m_hasHost ? "two Host fields"_L1 : "not a Host"_L1);
                return false;
            }
            m_hasHost = true;
        }
        break;
    case 6:
        if (syntax::equalsLower(name, "expect")) {
            if (!syntax::equalsLower(value, "100-continue")) {
                refuse(Status::ExpectationFailed, "an expectation other than 100-continue"_L1);
                return false;
            }
            m_expectsContinue = request.m_minorVersion == 1;
        }
        break;
    case 7:
        if (syntax::equalsLower(name, "upgrade"))
            syntax::forEachElement(value, [this](QByteArrayView protocol) {
                m_offersWebSocket = m_offersWebSocket || syntax::equalsLower(protocol, "websocket");
                return !m_offersWebSocket;
            });
        break;
    case 10:
        if (syntax::equalsLower(name, "connection"))
            takeConnection(value);
        break;
    case 14:
        if (syntax::equalsLower(name, "content-length"))
            return takeContentLength(value);
        break;
    case 17:
        if (syntax::equalsLower(name, "transfer-encoding"))
            return takeTransferEncoding(request, value);
        break;
    default:
        break;
    }
    return true;
}

bool RequestParser::takeContentLength(QByteArrayView value)
{
    if (m_hasLength || value.isEmpty()) {
        refuse(Status::BadRequest, m_hasLength ? "two Content-Length fields"_L1 : "an empty Content-Length"_L1);
        return false;
    }
    for (const char c : value) {
        if (c < '0' || c > '9') {
            refuse(Status::BadRequest, "Content-Length is not a number"_L1);
            return false;
        }
    }
    if (value.size() > 18) { // more than fits into 63 bits: no body of ours
        refuse(Status::ContentTooLarge, "the body is too large"_L1);
        return false;
    }
    m_hasLength = true;
    for (const char c : value)
        m_bodySize = m_bodySize * 10 + (c - '0');
    return true;
}

bool RequestParser::takeTransferEncoding(const Request &request, QByteArrayView value)
{
    if (m_isChunked || request.m_minorVersion == 0) {
        refuse(Status::BadRequest, "Transfer-Encoding twice or in HTTP/1.0"_L1);
        return false;
    }
    if (!syntax::equalsLower(value, "chunked")) {
        refuse(Status::NotImplemented, "chunked is the only transfer coding here"_L1);
        return false;
    }
    m_isChunked = true;
    return true;
}

void RequestParser::takeConnection(QByteArrayView value)
{
    if (syntax::equalsLower(value, "keep-alive")) { // the usual one
        m_asksKeepAlive = true;
        return;
    }
    syntax::forEachElement(value, [this](QByteArrayView option) {
        m_asksClose = m_asksClose || syntax::equalsLower(option, "close");
        m_asksKeepAlive = m_asksKeepAlive || syntax::equalsLower(option, "keep-alive");
        m_asksUpgrade = m_asksUpgrade || syntax::equalsLower(option, "upgrade");
        return true;
    });
}

void RequestParser::finishHead(Request &request)
{
    if (!m_hasHost && request.m_minorVersion == 1)
        return refuse(Status::BadRequest, "no Host field"_L1);
    if (m_hasLength && m_isChunked)
        return refuse(Status::BadRequest, "Content-Length and Transfer-Encoding"_L1);
    if (m_authoritySize > 0)
        applyAuthority(request);
    request.m_keepsAlive = !m_asksClose && (request.m_minorVersion == 1 || m_asksKeepAlive);
    const bool hasBody = m_isChunked || m_bodySize > 0;
    request.m_wantsWebSocket = m_offersWebSocket && m_asksUpgrade && request.m_method == Method::Get
        && request.m_minorVersion == 1 && !hasBody;
    m_hasHead = true;
    m_state = hasBody ? State::HeadComplete : State::Complete;
}

void RequestParser::applyAuthority(Request &request)
{
    for (Request::Field &field : request.m_fields) {
        if (syntax::equalsLower(request.name(field), "host")) {
            field.valueAt = quint32(m_authorityAt);
            field.valueSize = quint32(m_authoritySize);
            return;
        }
    }
    // HTTP/1.0 may come without a Host. The field goes before the empty line: nothing in front of it moves.
    const auto at = quint32(request.m_head.size() - 2);
    const QByteArray authority = request.m_head.mid(m_authorityAt, m_authoritySize);
    request.m_head.insert(at, "Host: " + authority + "\r\n");
    request.m_fields.append({ .nameAt = at, .nameSize = 4, .valueAt = at + 6, .valueSize = quint32(authority.size()) });
}

} // namespace godwit::http
