// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/pipeline.h"

#include <QList>

namespace godwit::middleware {

/// Which pages of other origins may read our answers (WHATWG Fetch, 3.2). Nobody by default.
struct CorsOptions
{
    QList<QByteArray> origins; ///< `https://example.org`; `*` for all, and then without credentials
    QList<QByteArray> methods{ "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE" };
    QList<QByteArray> headers{ "Authorization",   "Content-Type",          "Last-Event-ID", "X-Request-Id",
                               "Tus-Resumable",   "Upload-Length",         "Upload-Offset", "Upload-Metadata",
                               "Upload-Checksum", "X-HTTP-Method-Override" };
    QList<QByteArray> exposedHeaders{ "X-Request-Id",  "X-Cache",       "Location",         "Content-Location",
                                      "Retry-After",   "RateLimit",     "RateLimit-Policy", "Tus-Resumable",
                                      "Tus-Version",   "Tus-Extension", "Tus-Max-Size",     "Tus-Checksum-Algorithm",
                                      "Upload-Offset", "Upload-Length", "Upload-Metadata",  "Upload-Expires" };
    bool credentials = false;
    std::chrono::seconds maxAge{ 600 }; ///< for which a browser keeps what a preflight said

    bool isOn() const { return !origins.isEmpty(); }
};

/// Dresses answers for browsers. A preflight is the pipeline's own answer to OPTIONS with the fields that it asks for.
class Cors final : public http::Middleware
{
public:
    explicit Cors(const CorsOptions &options);
    void after(http::Exchange &exchange, http::Response &response) override;

private:
    const CorsOptions m_options;
    const bool m_allowsAll;
    const QByteArray m_methods, m_headers, m_exposedHeaders, m_maxAge;
};

} // namespace godwit::middleware
