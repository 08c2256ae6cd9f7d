// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The body's part of RequestParser: RFC 9112, 6 and 7.1.
#include "server/http/requestparser.h"
#include "server/http/syntax.h"

#include <algorithm>
#include <cstring>

using namespace Qt::StringLiterals;

namespace godwit::http {

namespace {

/// 2^60 is more than any limit; digits beyond are leading zeros at best.
constexpr int MaximumSizeDigits = 15;
/// Of one chunk's extensions. All of a body's together may be as large as a head.
constexpr qsizetype MaximumExtension = 1024;

} // namespace

void RequestParser::acceptBody(qint64 limitBytes)
{
    m_bodyLimit = limitBytes;
    if (m_bodySize > limitBytes)
        return refuse(Status::ContentTooLarge, "the body is too large"_L1);
    m_missing = m_bodySize;
    m_state = State::Body;
}

qsizetype RequestParser::feedBody(QByteArrayView bytes, Request &request)
{
    if (m_isChunked)
        return feedChunked(bytes, request);
    const qsizetype taken = qsizetype(std::min<qint64>(m_missing, bytes.size()));
    request.m_body.append(bytes.data(), taken);
    m_missing -= taken;
    if (m_missing == 0)
        m_state = State::Complete;
    return taken;
}

qsizetype RequestParser::feedChunked(QByteArrayView bytes, Request &request)
{
    qsizetype i = 0;
    while (i < bytes.size() && m_state == State::Body) {
        const char c = bytes[i];
        switch (m_chunk) {
        case Chunk::Size:
            takeSizeByte(c);
            ++i;
            break;
        case Chunk::Extension:
            takeExtensionByte(c);
            ++i;
            break;
        case Chunk::SizeEnd:
            if (c != '\n')
                refuse(Status::BadRequest, "bare CR in a chunk's size"_L1);
            m_chunk = m_missing > 0 ? Chunk::Data : Chunk::Trailer;
            ++i;
            break;
        case Chunk::Data: {
            const qsizetype taken = qsizetype(std::min<qint64>(m_missing, bytes.size() - i));
            request.m_body.append(bytes.data() + i, taken);
            m_missing -= taken;
            i += taken;
            if (m_missing == 0)
                m_chunk = Chunk::DataCr;
            break;
        }
        case Chunk::DataCr:
        case Chunk::DataLf:
            if (c != (m_chunk == Chunk::DataCr ? '\r' : '\n'))
                refuse(Status::BadRequest, "a chunk is longer than it says"_L1);
            m_chunk = m_chunk == Chunk::DataCr ? Chunk::DataLf : Chunk::Size;
            ++i;
            break;
        case Chunk::Trailer:
            i += feedTrailer(bytes.sliced(i));
            break;
        }
    }
    return i;
}

void RequestParser::takeSizeByte(char c)
{
    if (const int digit = syntax::hexDigit(c); digit >= 0) {
        if (++m_sizeDigits > MaximumSizeDigits)
            return refuse(Status::BadRequest, "not a chunk's size"_L1);
        m_missing = m_missing * 16 + digit;
        return;
    }
    if (m_sizeDigits == 0 || (c != '\r' && c != ';' && !syntax::isBlank(c)))
        return refuse(Status::BadRequest, "not a chunk's size"_L1);
    m_bodySize += m_missing;
    if (m_bodySize > m_bodyLimit)
        return refuse(Status::ContentTooLarge, "the body is too large"_L1);
    m_chunk = c == '\r' ? Chunk::SizeEnd : Chunk::Extension;
    m_lineSize = c == ';';
    m_sizeDigits = 0;
}

void RequestParser::takeExtensionByte(char c)
{
    if (m_lineSize == 0) { // blanks may stand before the semicolon, and nothing else
        if (c != ';' && !syntax::isBlank(c))
            return refuse(Status::BadRequest, "not a chunk's size"_L1);
        m_lineSize = c == ';';
    } else if (c == '\r') {
        m_chunk = Chunk::SizeEnd;
        return;
    }
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f)
        return refuse(Status::BadRequest, "a control character in a chunk's extension"_L1);
    m_lineSize += m_lineSize > 0;
    if (m_lineSize > MaximumExtension || ++m_overhead > m_limits.headBytes)
        refuse(Status::BadRequest, "chunk extensions are too long"_L1);
}

/// Trailers are checked like fields and dropped: nothing here needs them, and merging them is a way to smuggle.
qsizetype RequestParser::feedTrailer(QByteArrayView bytes)
{
    const auto *const lf = static_cast<const char *>(memchr(bytes.data(), '\n', size_t(bytes.size())));
    const qsizetype taken = lf ? lf - bytes.data() + 1 : bytes.size();
    m_overhead += taken;
    if (m_overhead > m_limits.headBytes) {
        refuse(Status::HeaderFieldsTooLarge, "the trailers are too large"_L1);
        return taken;
    }
    m_trailer.append(bytes.data(), taken);
    if (lf) {
        takeTrailerLine();
        m_trailer.resize(0);
    }
    return taken;
}

void RequestParser::takeTrailerLine()
{
    if (m_trailer.size() < 2 || m_trailer[m_trailer.size() - 2] != '\r')
        return refuse(Status::BadRequest, "bare LF in the trailers"_L1);
    const QByteArrayView line = QByteArrayView(m_trailer).chopped(2);
    if (line.isEmpty()) {
        m_state = State::Complete;
        return;
    }
    if (++m_trailerCount > m_limits.headers)
        return refuse(Status::HeaderFieldsTooLarge, "too many trailers"_L1);
    const qsizetype colon = line.indexOf(':');
    bool isField = colon > 0;
    for (qsizetype i = 0; isField && i < line.size(); ++i) {
        const char c = line[i];
        if (i < colon)
            isField = syntax::isTokenCharacter(c);
        else
            isField = c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    }
    if (!isField)
        refuse(Status::BadRequest, "not a trailer field"_L1);
}

} // namespace godwit::http
