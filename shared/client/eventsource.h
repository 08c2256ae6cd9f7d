// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/client/connection.h"
#include "shared/protocol/sse.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>

#include <memory>

namespace godwit::client {

/// A stream of Server-Sent Events that comes back with `Last-Event-ID`: to a server that has closed the stream in
/// order, as it does when it restarts, not before its `retry:` time; after a cut with our backoff, of which that is the
/// first step. `event: end` and status 204 end it for good (WHATWG HTML, 9.2). An event that was cut in half is
/// dropped, as the standard says; the server sends it again.
///
/// A refusal that repeating will not mend (4xx but 408, 425 and 429) waits the longest time at once.
class EventSource : public Connection
{
    Q_OBJECT

public:
    /// @param request gives the address and headers such as `Authorization`.
    explicit EventSource(QNetworkRequest request, ConnectionOptions options = {}, QObject *parent = nullptr);
    ~EventSource() override;

    QUrl url() const { return m_request.url(); }
    const QByteArray &lastEventId() const { return m_lastEventId; }

Q_SIGNALS:
    /// Each event but `end`.
    void received(const godwit::protocol::SseEvent &event);

protected:
    void open() override;
    void abandon() override;

private:
    void readHead();
    void readBytes();
    void finish();
    void refuse();

    QNetworkRequest m_request;
    // Its own: a manager opens at most six connections to a host, and a stream keeps one for good.
    QNetworkAccessManager m_network;
    std::unique_ptr<QNetworkReply, QScopedPointerDeleteLater> m_reply;
    protocol::SseParser m_parser;
    QByteArray m_lastEventId;
};

} // namespace godwit::client
