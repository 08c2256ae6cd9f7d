// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/outbound/options.h"
#include "server/outbound/request.h"
#include "server/outbound/target.h"
#include "shared/async/context.h"

#include <QCoroTask>
#include <QHostAddress>
#include <QSslConfiguration>

#include <optional>

class QNetworkAccessManager;

namespace godwit::outbound {

/// What one request and its answer need.
struct ExchangeOptions
{
    std::chrono::milliseconds connectTimeout{ 10'000 };
    std::chrono::milliseconds idleTimeout{ 30'000 };
    qint64 maxBytes = 0; ///< of the decoded body
    QByteArray userAgent{};
    QByteArray traceParent{}; ///< of W3C Trace Context; empty: not traced
    std::optional<QSslConfiguration> tls{}; ///< without: Qt's default
};

/// Sends @p request to @p address, which stands for @p target's name, and reads the answer as it comes: never more of
/// the body than a piece in memory, if only its digest is kept. No redirect is followed, no cookie, cache, proxy or
/// password used. In @p network's thread; @p context's token aborts.
///
/// Error::Unavailable if there is no connection in time, or it breaks; PayloadTooLarge beyond maxBytes, also by what
/// expands to it; FailedValidation for a certificate that is not the target's, or a body that is not in its coding.
///
/// Of QNetworkAccessManager (6.4's source):
/// - The address is in the place of the name, so Qt looks up nothing. The name goes into Host and, by
///   setPeerVerifyName(), into SNI and the check of the certificate, and into the key of the connection cache: hosts on
///   one address share no connection. HTTP/2 is off: there Qt leaves Host out and takes `:authority` from the URL.
/// - Qt has no timeout for connecting, and its transferTimeout is one of silence, not of the whole. So the one is
///   counted here, from the start to requestSent(), and the whole is left to the context.
/// - Qt reads a head of any size, a byte a time: 0.8 MB/s a thread when measured, so that the timeout is what bounds
/// it.
/// - Where the server closes without an answer, Qt sends the request again up to three times by itself. What may not
///   be repeated is therefore given as a device that cannot be rewound, which makes Qt give up; at a 307 or 308, too,
///   where it rewinds whether it follows or not.
QCoro::Task<Response> exchange(QNetworkAccessManager &network, async::Context context, const Request &request,
                               const Target &target, QHostAddress address, ExchangeOptions options);

} // namespace godwit::outbound
