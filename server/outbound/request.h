// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QList>
#include <QUrl>

#include <chrono>
#include <utility>

namespace godwit::outbound {

/// What is to be asked of another server.
struct Request
{
    enum class Keep { Body, Digest }; ///< the body itself, or its SHA-256: then it may be of any size

    QByteArray method = QByteArrayLiteral("GET");
    QUrl url{};
    QList<std::pair<QByteArray, QByteArray>> headers{};
    QByteArray body{};
    Keep keep = Keep::Body;
    qint64 maxBytes = 0; ///< of the decoded body: Error::PayloadTooLarge beyond; 0: what the options say
    /// Whether the caller knows that it may arrive twice: what is not safe by its method (RFC 9110: GET, HEAD, OPTIONS)
    /// is else sent once.
    bool isIdempotent = false;
    int attempts = 0; ///< with the first; 0: what the options say
    bool followsRedirects = true;
    /// Whether the URL is the operator's own word, from the configuration: then it may be any address. Only where no
    /// redirect is followed.
    bool isConfigured = false;

    bool mayRepeat() const
    {
        return isIdempotent || method == "GET" || method == "HEAD" || method == "OPTIONS"; // case matters, RFC 9110
    }
};

/// What it answered; any status, also 404 and 500.
struct Response
{
    int status = 0;
    QList<std::pair<QByteArray, QByteArray>> headers{};
    QByteArray body{}; ///< empty with Keep::Digest
    QByteArray sha256{}; ///< of the decoded body, with Keep::Digest
    qint64 bytes = 0; ///< of the decoded body
    QUrl url{}; ///< where it came from in the end
    int attempts = 1, redirects = 0;
    std::chrono::milliseconds took{ 0 }; ///< with retries and waits

    /// The first of that name, whatever its case; empty without one.
    QByteArray header(QByteArrayView name) const
    {
        for (const auto &[key, value] : headers) {
            if (key.compare(name, Qt::CaseInsensitive) == 0)
                return value;
        }
        return {};
    }
};

} // namespace godwit::outbound
