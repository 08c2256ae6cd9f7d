// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/limits.h"
#include "server/http/request.h"

namespace godwit::http {

/// Reads HTTP/1.x requests from a stream of bytes, in pieces of any size, as strictly as RFC 9112 allows: what two
/// readers could take for two different things is refused, for that is what request smuggling is made of. Fills a
/// Request whose buffers keep their capacity, so that a keep-alive request allocates nothing.
///
///     parser.feed(bytes, request);        // Head, HeadComplete, Body, Complete or Refused
///     if (parser.state() == HeadComplete) // a body follows
///         parser.acceptBody(limit);       // Body, or Refused with 413
class RequestParser
{
public:
    enum class State : quint8 {
        Head, ///< of this request nothing, or a part of the head
        HeadComplete, ///< a body follows as soon as acceptBody() has been called
        Body,
        Complete, ///< feed() takes nothing more until reset()
        Refused, ///< refusal() says why; this is final
    };

    explicit RequestParser(const Limits &limits) : m_limits(limits) { }

    /// Takes what belongs to the request in work, at most to its end. Returns how many bytes that was.
    qsizetype feed(QByteArrayView bytes, Request &request);
    /// After HeadComplete: @p limitBytes is the route's.
    void acceptBody(qint64 limitBytes);
    /// Makes parser and @p request ready for the next request.
    void reset(Request &request);

    State state() const { return m_state; }
    Status refusal() const { return m_refusal; }
    /// What was wrong, for the answer and the log: a literal.
    QLatin1StringView reason() const { return m_reason; }
    /// Whether its head was read to its end, and was a good one: also of one that was refused for its body.
    bool hasHead() const { return m_hasHead; }
    /// Whether anything of a request has arrived; empty lines before it do not count.
    bool hasStarted() const { return m_hasStarted; }
    /// Whether the client waits for `100 Continue` before it sends the body.
    bool expectsContinue() const { return m_expectsContinue; }
    bool isChunked() const { return m_isChunked; }
    bool hadAbsoluteTarget() const { return m_authoritySize > 0; }

private:
    enum class Chunk : quint8 { Size, Extension, SizeEnd, Data, DataCr, DataLf, Trailer };
    struct Line;

    void refuse(Status status, QLatin1StringView reason);
    qsizetype feedHead(QByteArrayView bytes, Request &request);
    qsizetype feedBody(QByteArrayView bytes, Request &request);
    qsizetype feedChunked(QByteArrayView bytes, Request &request);
    void takeSizeByte(char c);
    void takeExtensionByte(char c);
    qsizetype feedTrailer(QByteArrayView bytes);
    void takeTrailerLine();

    void parseHead(Request &request);
    bool parseRequestLine(Request &request, qsizetype size);
    bool parseTarget(Request &request);
    bool reduceAbsoluteForm(Request &request);
    bool parseField(Request &request, Line &line);
    bool takeFramingField(Request &request, QByteArrayView name, QByteArrayView value);
    bool takeContentLength(QByteArrayView value);
    bool takeTransferEncoding(const Request &request, QByteArrayView value);
    void takeConnection(QByteArrayView value);
    void finishHead(Request &request);
    void applyAuthority(Request &request);

    const Limits &m_limits; // the listener's, which outlives its connections
    qint64 m_missing = 0; // of the body or of the chunk
    qint64 m_bodySize = 0; // so far announced
    qint64 m_bodyLimit = 0;
    qsizetype m_lineSize = 0; // of the head's last, incomplete line
    qsizetype m_overhead = 0; // bytes of chunk extensions and trailers
    qsizetype m_authorityAt = 0, m_authoritySize = 0; // of an absolute-form target
    QByteArray m_trailer; // the line in work
    QLatin1StringView m_reason;
    Status m_refusal = Status::BadRequest;
    State m_state = State::Head;
    Chunk m_chunk = Chunk::Size;
    quint8 m_sizeDigits = 0, m_blankLines = 0;
    int m_trailerCount = 0;
    bool m_hasStarted = false, m_hasHead = false, m_hasLength = false, m_isChunked = false, m_expectsContinue = false;
    bool m_hasHost = false, m_asksClose = false, m_asksKeepAlive = false, m_asksUpgrade = false,
         m_offersWebSocket = false;
};

} // namespace godwit::http
