// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/outbound/exchange.h"

#include "shared/async/oneshot.h"

#include <QCryptographicHash>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QTimer>

#include <memory>

using namespace Qt::StringLiterals;

namespace godwit::outbound {

namespace {

constexpr qint64 pieceBytes = 64 * 1024;
constexpr qint64 readAheadBytes = 4 * pieceBytes; // then the connection is not read: TCP's back-pressure

/// A body that can be read once. Qt does not send again what it cannot rewind.
class OnceDevice final : public QIODevice
{
public:
    explicit OnceDevice(QByteArray body) : m_body(std::move(body)) { open(ReadOnly); }
    bool isSequential() const override { return true; }
    bool seek(qint64) override { return false; } // QIODevice's would warn
    qint64 bytesAvailable() const override { return m_body.size() - m_at + QIODevice::bytesAvailable(); }

protected:
    qint64 readData(char *data, qint64 most) override
    {
        const qint64 count = std::min<qint64>(most, m_body.size() - m_at);
        if (count == 0 && most > 0)
            return -1;
        std::copy_n(m_body.constData() + m_at, count, data);
        m_at += count;
        return count;
    }
    qint64 writeData(const char *, qint64) override { return -1; }

private:
    const QByteArray m_body;
    qint64 m_at = 0;
};

QNetworkRequest networkRequest(const Request &request, const Target &target, const QHostAddress &address,
                               const ExchangeOptions &options)
{
    QNetworkRequest network(target.at(address));
    network.setRawHeader("User-Agent"_ba, options.userAgent);
    if (!options.traceParent.isEmpty())
        network.setRawHeader("traceparent"_ba, options.traceParent);
    for (const auto &[name, value] : request.headers)
        network.setRawHeader(name, value);
    network.setRawHeader("Host"_ba, target.hostHeader());
    if (const QString name = target.certificateName(); !name.isEmpty())
        network.setPeerVerifyName(name);
    if (options.tls)
        network.setSslConfiguration(*options.tls);
    network.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    network.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    network.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    network.setAttribute(QNetworkRequest::CacheSaveControlAttribute, false);
    // Else the jar would give one host's cookies to another on the same address.
    network.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    network.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    network.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
    network.setAttribute(QNetworkRequest::ConnectionCacheExpiryTimeoutSecondsAttribute,
                         int(std::chrono::ceil<std::chrono::seconds>(options.idleTimeout).count()));
    network.setDecompressedSafetyCheckThreshold(options.maxBytes);
    return network;
}

/// One request under way. Lives in the frame of the coroutine that waits for it, so in the manager's thread.
class Running final : public QObject
{
public:
    Running(QNetworkAccessManager &network, async::Context context, const Request &request, const Target &target,
            const QHostAddress &address, const ExchangeOptions &options, async::OneShot<Response>::Finisher finisher)
        : m_context(std::move(context)),
          m_where(target.key()),
          m_isDigest(request.keep == Request::Keep::Digest),
          m_maxBytes(options.maxBytes),
          m_finisher(std::move(finisher))
    {
        send(network, request, networkRequest(request, target, address, options));
        m_response.url = target.url;
        m_reply->setReadBufferSize(readAheadBytes);
        m_connecting.setSingleShot(true);
        connect(&m_connecting, &QTimer::timeout, this, [this, span = options.connectTimeout] {
            fail(
                { Error::Code::Unavailable,
                  u"no connection to %1 within %2 s"_s.arg(m_where).arg(std::chrono::duration<double>(span).count()) });
        });
        m_connecting.start(options.connectTimeout);
        connect(m_reply.get(), &QNetworkReply::requestSent, &m_connecting, &QTimer::stop);
        connect(m_reply.get(), &QNetworkReply::metaDataChanged, this, &Running::takeHead);
        connect(m_reply.get(), &QNetworkReply::readyRead, this, &Running::takeBody);
        connect(m_reply.get(), &QNetworkReply::finished, this, &Running::takeEnd);
        m_stopped.emplace(m_context.stop, Stop{ *this });
    }
    ~Running() override
    {
        m_stopped.reset();
        abort();
    }

private:
    struct Stop
    {
        Running &running;
        /// In whatever thread requests the stop.
        void operator()() const
        {
            QMetaObject::invokeMethod(
                &running, [&running = running] { running.fail(running.m_context.stopError()); }, Qt::QueuedConnection);
        }
    };

    void send(QNetworkAccessManager &network, const Request &request, QNetworkRequest to)
    {
        if (request.method == "GET") {
            m_reply.reset(network.get(to)); // by name: a custom "HEAD" would wait for a body
        } else if (request.method == "HEAD") {
            m_reply.reset(network.head(to));
        } else if (request.mayRepeat()) {
            m_reply.reset(network.sendCustomRequest(to, request.method, request.body));
        } else {
            auto body = std::make_unique<OnceDevice>(request.body);
            to.setAttribute(QNetworkRequest::DoNotBufferUploadDataAttribute, true);
            to.setHeader(QNetworkRequest::ContentLengthHeader, request.body.size());
            m_reply.reset(network.sendCustomRequest(to, request.method, body.get()));
            body.release()->setParent(m_reply.get());
        }
    }

    void takeHead()
    {
        m_connecting.stop();
        m_response.status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
        const QVariant length = m_reply->header(QNetworkRequest::ContentLengthHeader);
        if (length.isValid() && length.toLongLong() > m_maxBytes)
            failTooLarge();
    }

    void takeBody()
    {
        QByteArray piece(pieceBytes, Qt::Uninitialized);
        while (m_finisher) {
            const qint64 count = m_reply->read(piece.data(), pieceBytes);
            if (count <= 0)
                return;
            m_response.bytes += count;
            if (m_response.bytes > m_maxBytes)
                failTooLarge();
            else if (m_isDigest)
                m_hash.addData(QByteArrayView(piece.constData(), count));
            else
                m_response.body.append(piece.constData(), count);
        }
    }

    void takeEnd()
    {
        takeBody();
        if (!m_finisher)
            return;
        m_response.status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
        // What Qt makes an error of a status of 400 and more is an answer.
        const QNetworkReply::NetworkError error = m_reply->error();
        const bool isOfConnection = error != QNetworkReply::NoError && error <= QNetworkReply::UnknownProxyError
            && error != QNetworkReply::ProxyAuthenticationRequiredError; // 407, though there is no proxy
        const bool isAnswer = error == QNetworkReply::NoError
            || (m_response.status >= 400 && !isOfConnection && error != QNetworkReply::ContentReSendError
                && !isOfDecoding());
        if (!isAnswer) {
            fail(errorOf(error));
            return;
        }
        for (const auto &[name, value] : m_reply->rawHeaderPairs())
            m_response.headers.emplaceBack(name, value);
        if (m_isDigest)
            m_response.sha256 = m_hash.result().toHex();
        std::exchange(m_finisher, {})->set(std::move(m_response));
    }

    Error errorOf(QNetworkReply::NetworkError error) const
    {
        const QString text = m_reply->errorString();
        switch (error) {
        case QNetworkReply::ConnectionRefusedError:
            return { Error::Code::Unavailable, u"nothing answers at %1"_s.arg(m_where) };
        case QNetworkReply::ContentReSendError:
            return { Error::Code::Unavailable,
                     u"%1 closed the connection without an answer, or redirects what is sent once only"_s.arg(
                         m_where) };
        case QNetworkReply::RemoteHostClosedError:
            return { Error::Code::Unavailable, u"%1 closed the connection without a whole answer"_s.arg(m_where) };
        case QNetworkReply::SslHandshakeFailedError:
            return { Error::Code::FailedValidation, u"no secure connection to %1: %2"_s.arg(m_where, text) };
        case QNetworkReply::UnknownContentError:
            if (!isOfDecoding())
                return { Error::Code::Unavailable, u"no answer from %1: %2"_s.arg(m_where, text) };
            // Qt's own guard is quicker than ours where a few bytes expand to very many. 6.4 does not say which it was.
            if (text.contains("decompressedSafetyCheckThreshold"_L1))
                return tooLarge();
            return { Error::Code::FailedValidation,
                     u"the body from %1 cannot be decoded: it is damaged, or expands beyond %2 bytes"_s.arg(m_where)
                         .arg(m_maxBytes) };
        case QNetworkReply::ProtocolInvalidOperationError:
        case QNetworkReply::ProtocolFailure:
        case QNetworkReply::ProtocolUnknownError:
            return { Error::Code::Unavailable, u"%1 does not speak HTTP: %2"_s.arg(m_where, text) };
        default:
            return { Error::Code::Unavailable, u"no answer from %1: %2"_s.arg(m_where, text) };
        }
    }

    /// Which has the same number as any status of 400 and more that has none of its own.
    bool isOfDecoding() const
    {
        return m_reply->error() == QNetworkReply::UnknownContentError
            && m_reply->errorString().contains("decompression"_L1, Qt::CaseInsensitive);
    }

    Error tooLarge() const
    {
        return { Error::Code::PayloadTooLarge,
                 u"the body from %1 is larger than %2 bytes"_s.arg(m_where).arg(m_maxBytes) };
    }
    void failTooLarge() { fail(tooLarge()); }

    void fail(const Error &error)
    {
        if (!m_finisher)
            return;
        std::exchange(m_finisher, {})->fail(error);
        abort();
    }

    void abort()
    {
        m_connecting.stop();
        m_reply->disconnect(this);
        m_reply->abort();
    }

    const async::Context m_context;
    const QString m_where;
    const bool m_isDigest;
    const qint64 m_maxBytes;
    std::optional<async::OneShot<Response>::Finisher> m_finisher; // none once it has ended
    Response m_response;
    QCryptographicHash m_hash{ QCryptographicHash::Sha256 };
    QTimer m_connecting;
    std::unique_ptr<QNetworkReply, QScopedPointerDeleteLater> m_reply;
    std::optional<std::stop_callback<Stop>> m_stopped; // last: its callback uses all of the above
};

} // namespace

QCoro::Task<Response> exchange(QNetworkAccessManager &network, async::Context context, const Request &request,
                               const Target &target, QHostAddress address, ExchangeOptions options)
{
    context.throwIfStopped();
    auto [finisher, response] = async::oneShot<Response>();
    const Running running(network, context, request, target, address, options, std::move(finisher));
    async::OneShot<Response> wait = std::move(response);
    co_return co_await std::move(wait);
}

} // namespace godwit::outbound
