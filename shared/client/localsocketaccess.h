// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QNetworkAccessManager>

namespace godwit::client {

/// HTTP over a Unix domain socket, which Qt's own manager speaks from 6.8 on: host and port of a request's address do
/// not matter. A connection a request, spoken as HTTP/1.0, so that the answer ends where the connection does; at most
/// 64 MiB. One thread.
class LocalSocketAccess final : public QNetworkAccessManager
{
    Q_OBJECT
public:
    explicit LocalSocketAccess(QString path, QObject *parent = nullptr);

protected:
    QNetworkReply *createRequest(Operation operation, const QNetworkRequest &request, QIODevice *body) override;

private:
    QString m_path; // of the socket
};

} // namespace godwit::client
