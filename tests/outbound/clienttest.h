// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/outbound/client.h"
#include "tests/support/fakeserver.h"

#include <QTest>

#include <mutex>
#include <optional>

namespace godwit::outbound {

/// What became of a request.
struct Outcome
{
    std::optional<Response> response{};
    std::optional<Error> error{};
    int status() const { return response ? response->status : 0; }
    Error::Code code() const { return error ? error->code() : Error::Code::Internal; }
    QString message() const { return error ? error->message() : QString(); }
};

inline Outcome finish(QFuture<Response> future)
{
    Outcome outcome;
    if (!QTest::qWaitFor([&future] { return future.isFinished(); }, 20'000))
        return outcome;
    try {
        outcome.response = future.result();
    } catch (const Error &error) {
        outcome.error = error;
    }
    return outcome;
}

/// A client that may talk to 127.0.0.1, quickly, and knows the names of a table. The servers are the test's.
class TestClient
{
public:
    TestClient()
    {
        options.allow = QStringList{ QStringLiteral("127.0.0.1") };
        options.retryDelay = std::chrono::milliseconds(1);
        surroundings.lookUp = [this](async::Context, QString host) { return answer(this, host); };
    }

    Client &client()
    {
        if (!m_client)
            m_client.emplace(options, runtime::Options{}, surroundings);
        return *m_client;
    }
    void close() { m_client.reset(); }

    QFuture<Response> begin(Request request, async::Context context = {})
    {
        return client().send(std::move(context), std::move(request)).future();
    }
    Outcome send(Request request, async::Context context = {})
    {
        return finish(begin(std::move(request), std::move(context)));
    }
    Outcome get(const QUrl &url) { return send({ .url = url }); }

    /// What the next look-ups of @p host find, one after the other; the last one stays.
    void setAddresses(const QString &host, const QList<QHostAddress> &addresses)
    {
        const std::lock_guard lock(m_mutex);
        m_addresses[host] = addresses;
    }

    Options options;
    ClientSurroundings surroundings;

private:
    static QCoro::Task<QList<QHostAddress>> answer(TestClient *self, QString host)
    {
        const std::lock_guard lock(self->m_mutex);
        QList<QHostAddress> &addresses = self->m_addresses[host];
        if (addresses.isEmpty())
            throw Error(Error::Code::NotFound, QStringLiteral("there is no host ") + host);
        const QHostAddress found = addresses.first();
        if (addresses.size() > 1)
            addresses.removeFirst();
        co_return QList<QHostAddress>{ found };
    }

    std::mutex m_mutex;
    std::map<QString, QList<QHostAddress>> m_addresses;
    std::optional<Client> m_client;
};

} // namespace godwit::outbound
