// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/pool.h"
#include "server/http/bind.h"
#include "server/http/httpserver.h"
#include "server/http/pipeline.h"
#include "server/runtime/reactor.h"

#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;

/// Whoever leaves cancels the work, down to the statement in the database; so does the deadline.
class tst_ClientGone : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void leavingInterruptsTheQuery();
    void theDeadlineInterruptsTheQuery();

public:
    struct Observed
    {
        std::atomic<int> begun = 0, interrupted = 0, finished = 0;
        std::atomic<int> code = -1;
    };

private:
    std::unique_ptr<QTcpSocket> ask(const QByteArray &path)
    {
        auto socket = std::make_unique<QTcpSocket>();
        socket->connectToHost(QHostAddress::LocalHost, m_port);
        socket->write("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
        return socket;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<db::Pool> m_pool;
    std::unique_ptr<Observed> m_observed;
    std::unique_ptr<http::Router> m_router;
    std::unique_ptr<http::Pipeline> m_pipeline;
    std::unique_ptr<runtime::ReactorGroup> m_reactors;
    std::unique_ptr<http::HttpServer> m_server;
    quint16 m_port = 0;
};

/// Counts to a number that takes SQLite hours; runs until it is interrupted.
static QCoro::Task<http::Response> countForHours(db::Pool &pool, tst_ClientGone::Observed &observed,
                                                 async::Context context)
{
    try {
        co_await pool.read(std::move(context), [&observed](db::Connection &connection) {
            ++observed.begun;
            connection
                .execute(u"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000000000) "
                         "SELECT sum(i) FROM n")
                .next();
        });
        ++observed.finished;
    } catch (const Error &error) {
        observed.code = int(error.code());
        ++observed.interrupted;
        throw;
    }
    co_return http::Response::noContent();
}

static QCoro::Task<http::Response> ping(db::Pool &pool, async::Context context)
{
    co_await pool.read(std::move(context), [](db::Connection &connection) { connection.execute(u"SELECT 1").next(); });
    co_return http::Response::noContent();
}

void tst_ClientGone::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    // One reader: whoever comes after the long query is served only if that one has really ended.
    db::Options options;
    options.file = m_folder->filePath(u"test.db"_s);
    options.maxConnections = 1;
    options.minConnections = 1;
    m_pool = std::make_unique<db::Pool>(options);
    m_observed = std::make_unique<Observed>();
    m_router = std::make_unique<http::Router>();
    m_router->get("/long", http::bind(countForHours, *m_pool, *m_observed));
    m_router->get("/short-deadline", http::bind(countForHours, *m_pool, *m_observed)).within(100ms);
    m_router->get("/ping", http::bind(ping, *m_pool));
    m_pipeline = std::make_unique<http::Pipeline>(*m_router, std::vector<std::unique_ptr<http::Middleware>>());
    runtime::Options runtimeOptions;
    runtimeOptions.workers = 1;
    m_reactors = std::make_unique<runtime::ReactorGroup>(runtimeOptions);
    auto sockets = orThrow(http::ListenSocket::open({}, 1));
    m_port = sockets.front().address().port;
    m_reactors->callOnAll([&](int) {
        m_server = std::make_unique<http::HttpServer>(*m_pipeline, http::ListenOptions());
        m_server->listenOn(std::move(sockets.front()));
    });
}

void tst_ClientGone::cleanup()
{
    m_reactors->callOnAll([this](int) { m_server.reset(); });
    m_reactors.reset();
    m_pipeline.reset();
    m_router.reset();
    m_pool.reset();
}

void tst_ClientGone::leavingInterruptsTheQuery()
{
    auto client = ask("/long");
    QTRY_COMPARE(m_observed->begun.load(), 1);
    client->abort();
    QTRY_COMPARE(m_observed->interrupted.load(), 1);
    QCOMPARE(Error::Code(m_observed->code.load()), Error::Code::Cancelled);
    QCOMPARE(m_observed->finished.load(), 0);

    const auto next = ask("/ping");
    QTRY_VERIFY(next->bytesAvailable() > 0);
    QVERIFY(next->readAll().startsWith("HTTP/1.1 204 "));
}

void tst_ClientGone::theDeadlineInterruptsTheQuery()
{
    const auto client = ask("/short-deadline");
    QTRY_COMPARE(m_observed->interrupted.load(), 1);
    QCOMPARE(Error::Code(m_observed->code.load()), Error::Code::DeadlineExceeded);
    QTRY_VERIFY(client->bytesAvailable() > 0);
    QVERIFY(client->readAll().startsWith("HTTP/1.1 504 "));
}

QTEST_GUILESS_MAIN(tst_ClientGone)
#include "tst_clientgone.moc"
