// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/localsocketaccess.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QLocalSocket>
#include <QNetworkReply>

#include <algorithm>

namespace godwit::client {

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 longestAnswer = 64 * 1024 * 1024; // bytes, with its head

QByteArray methodOf(QNetworkAccessManager::Operation operation, const QNetworkRequest &request)
{
    switch (operation) {
    case QNetworkAccessManager::GetOperation:
        return "GET"_ba;
    case QNetworkAccessManager::HeadOperation:
        return "HEAD"_ba;
    case QNetworkAccessManager::PostOperation:
        return "POST"_ba;
    case QNetworkAccessManager::PutOperation:
        return "PUT"_ba;
    case QNetworkAccessManager::DeleteOperation:
        return "DELETE"_ba;
    case QNetworkAccessManager::CustomOperation:
    case QNetworkAccessManager::UnknownOperation:
        break;
    }
    return request.attribute(QNetworkRequest::CustomVerbAttribute).toByteArray();
}

QByteArray encoded(const QByteArray &method, const QNetworkRequest &request, const QByteArray &body)
{
    const QUrl url = request.url();
    QByteArray head = method + ' ' + url.path(QUrl::FullyEncoded).toLatin1();
    if (url.hasQuery())
        head += '?' + url.query(QUrl::FullyEncoded).toLatin1();
    head += " HTTP/1.0\r\nHost: localhost\r\n";
    const auto names = request.rawHeaderList();
    for (const QByteArray &name : names)
        head += name + ": " + request.rawHeader(name) + "\r\n";
    if (!body.isEmpty())
        head += "Content-Length: " + QByteArray::number(body.size()) + "\r\n";
    return head + "\r\n" + body;
}

/// One request on a connection of its own. A child of its manager.
class LocalSocketReply final : public QNetworkReply
{
public:
    LocalSocketReply(QNetworkAccessManager::Operation operation, const QNetworkRequest &request, const QString &path,
                     QIODevice *body, QObject *parent)
        : QNetworkReply(parent)
    {
        setOperation(operation);
        setRequest(request);
        setUrl(request.url());
        open(QIODevice::ReadOnly | QIODevice::Unbuffered);
        m_body.open(QIODevice::ReadOnly);
        const QByteArray bytes = encoded(methodOf(operation, request), request, body ? body->readAll() : QByteArray());
        connect(&m_socket, &QLocalSocket::connected, this, [this, bytes] { m_socket.write(bytes); });
        connect(&m_socket, &QLocalSocket::readyRead, this, &LocalSocketReply::take);
        connect(&m_socket, &QLocalSocket::disconnected, this, &LocalSocketReply::end);
        connect(&m_socket, &QLocalSocket::errorOccurred, this, [this](QLocalSocket::LocalSocketError error) {
            if (error != QLocalSocket::PeerClosedError) // which disconnected() tells
                fail(QNetworkReply::ConnectionRefusedError, m_socket.errorString());
        });
        // Whoever asks listens to finished() first.
        QMetaObject::invokeMethod(&m_socket, [this, path] { m_socket.connectToServer(path); }, Qt::QueuedConnection);
    }

    void abort() override
    {
        fail(QNetworkReply::OperationCanceledError, QCoreApplication::translate("client", "The request was given up"));
    }
    qint64 bytesAvailable() const override { return m_body.bytesAvailable() + QNetworkReply::bytesAvailable(); }
    bool isSequential() const override { return true; }

protected:
    qint64 readData(char *data, qint64 size) override { return m_body.read(data, size); }

private:
    void take()
    {
        m_received += m_socket.readAll();
        if (m_received.size() > longestAnswer)
            fail(QNetworkReply::ProtocolFailure, QCoreApplication::translate("client", "The answer is too long"));
    }

    void end()
    {
        take();
        if (isFinished())
            return;
        const qsizetype headEnd = m_received.indexOf("\r\n\r\n");
        if (headEnd < 0 || !takeHead(m_received.first(headEnd)))
            return fail(QNetworkReply::RemoteHostClosedError,
                        QCoreApplication::translate("client", "The server's answer is not whole"));
        m_body.close();
        m_body.setData(m_received.sliced(headEnd + 4));
        m_body.open(QIODevice::ReadOnly);
        const QByteArray length = rawHeader("Content-Length"_ba);
        if (!length.isEmpty() && length.toLongLong() != m_body.size())
            return fail(QNetworkReply::RemoteHostClosedError,
                        QCoreApplication::translate("client", "The server's answer is not whole"));
        finish();
    }

    /// `HTTP/1.1 200 OK` and the fields.
    bool takeHead(const QByteArray &head)
    {
        const QList<QByteArray> lines = head.split('\n');
        const QList<QByteArray> status = lines.first().simplified().split(' ');
        bool isNumber = false;
        const int code = status.size() > 1 ? status[1].toInt(&isNumber) : 0;
        if (!isNumber || !status.first().startsWith("HTTP/1."))
            return false;
        setAttribute(QNetworkRequest::HttpStatusCodeAttribute, code);
        setAttribute(QNetworkRequest::HttpReasonPhraseAttribute, status.sliced(2).join(' '));
        std::for_each(lines.begin() + 1, lines.end(), [this](const QByteArray &line) {
            const qsizetype colon = line.indexOf(':');
            if (colon > 0)
                setRawHeader(line.first(colon), line.sliced(colon + 1).trimmed());
        });
        return true;
    }

    void fail(NetworkError error, const QString &text)
    {
        if (isFinished())
            return;
        setError(error, text);
        finish();
    }

    void finish()
    {
        setFinished(true);
        m_socket.disconnect(this);
        m_socket.abort();
        Q_EMIT finished();
    }

    QLocalSocket m_socket;
    QByteArray m_received;
    QBuffer m_body;
};

} // namespace

LocalSocketAccess::LocalSocketAccess(QString path, QObject *parent)
    : QNetworkAccessManager(parent),
      m_path(std::move(path))
{
}

QNetworkReply *LocalSocketAccess::createRequest(Operation operation, const QNetworkRequest &request, QIODevice *body)
{
    return new LocalSocketReply(operation, request, m_path, body, this);
}

} // namespace godwit::client
