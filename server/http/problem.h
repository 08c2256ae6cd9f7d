// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/response.h"
#include "shared/core/error.h"

namespace godwit::http {

class Exchange;

/// The one place where an Error becomes a status: RFC 9457, with `request_id`, `instance` and `decider`, `Retry-After`
/// on 429 and 503, `WWW-Authenticate` on 401. Details of Error::Internal go to the log and nowhere else.
Response problem(const Error &error, const Exchange &exchange);

/// The same for what has no Error: the framing's refusals (400, 408, 413, 414, 431, 501, 505), 404, 405, 426.
/// Without an exchange, or with one that has no request id yet, the answer gets an id of its own.
Response problem(Status status, const QString &detail, const Exchange *exchange = nullptr);

/// What a request hears that comes while the server drains; says when to come back, each at a time of its own.
Error drainingError();

/// Thrown by what speaks HTTP and nothing else (extractors, static files) where no Error::Code says it: 406, 412, 415.
class StatusError : public Error
{
public:
    StatusError(Status status, QString message) : Error(Code::InvalidArgument, std::move(message)), m_status(status) { }

    Status status() const { return m_status; }
    void raise() const override { throw *this; }
    StatusError *clone() const override { return new StatusError(*this); }

private:
    Status m_status;
};

} // namespace godwit::http
