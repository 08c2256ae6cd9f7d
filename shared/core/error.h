// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QException>
#include <QString>

#include <chrono>
#include <memory>

namespace godwit {

/// Who refused a request, with its numbers: the member `decider` of a problem answer.
struct Decider
{
    enum class Kind { RateLimit, CircuitBreaker, Bulkhead, Deadline, Shedding, Validation };

    Kind kind = Kind::Validation;
    QString name;
    double limit = 0;
    double used = 0;
    std::chrono::milliseconds retryAfter{ 0 };
};

/// The one error type. It says what went wrong in terms of no protocol; `http::problem()` alone knows the status codes.
/// Derives from QException so that it survives the way through a QFuture.
class Error : public QException
{
public:
    /// gRPC's words, and those that HTTP tells apart besides.
    enum class Code {
        InvalidArgument, ///< not even well formed
        FailedValidation, ///< well formed, but wrong
        Unauthenticated,
        PermissionDenied,
        NotFound,
        Conflict,
        PayloadTooLarge,
        RangeNotSatisfiable,
        ResourceExhausted, ///< a rate limit
        Unavailable, ///< a breaker is open, a bulkhead is full, draining
        DeadlineExceeded,
        Cancelled, ///< nobody waits for the answer any more
        Internal, ///< what a client must not see the details of
    };

    /// @param message is shown to the client, except with Internal.
    Error(Code code, QString message);

    Code code() const { return m_code; }
    const QString &message() const { return m_message; }

    /// What only the log may see: SQL text, paths, the error of a library.
    const QString &internalMessage() const { return m_internalMessage; }
    Error withInternalMessage(QString text) &&;

    const Decider *decider() const { return m_decider.get(); }
    Error withDecider(Decider decider) &&;

    static Error internal(QString internalMessage);
    static Error cancelled();

    const char *what() const noexcept override { return m_what.constData(); }
    void raise() const override { throw *this; }
    Error *clone() const override { return new Error(*this); }

private:
    Code m_code;
    QString m_message;
    QString m_internalMessage;
    QByteArray m_what;
    std::shared_ptr<const Decider> m_decider; // shared by the copies that exception handling makes
};

} // namespace godwit
