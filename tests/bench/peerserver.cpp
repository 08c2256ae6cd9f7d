// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later

// A server of one's own on Godwit's libraries, in one file: the endpoints that are measured against other frameworks,
// behind the middleware that godwitd runs. Environment: PORT, WORKERS (1), DB_PATH, FILES_DIR, NOCACHE, and INSIDE:
// what is recorded of each request, for inside.py (none; all: id, figures by route and traces; log: the access log
// besides).
#include "server/db/pool.h"
#include "server/http/bind.h"
#include "server/http/eventhub.h"
#include "server/http/httpserver.h"
#include "server/http/pen.h"
#include "server/metrics/httpmetrics.h"
#include "server/metrics/tracestore.h"
#include "server/middleware/accesslog.h"
#include "server/middleware/requestid.h"
#include "server/middleware/requestmetrics.h"
#include "server/middleware/standard.h"
#include "server/middleware/tracing.h"
#include "server/runtime/reactor.h"
#include "server/websocket/broadcastgroup.h"
#include "server/websocket/frame.h"
#include "server/websocket/wsendpoint.h"
#include "shared/protocol/sse.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QTimer>

#include <mutex>

using namespace godwit;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using http::Body;
using http::Exchange;
using http::Response;

// ---- Plain answers

static Response hello()
{
    return Response::text("Hello, World!");
}

static Response json()
{
    return Response::json(QJsonObject{ { "message"_L1, "Hello, World!"_L1 } });
}

// ---- Search: a cache in front of SQLite

/// Rendered answers for a minute; at most 10,000 of them. A table behind a short lock.
class SearchCache
{
public:
    explicit SearchCache(bool isOn) : m_isOn(isOn) { }

    /// Null if there is none.
    QByteArray find(QByteArrayView key)
    {
        const std::scoped_lock lock(m_mutex);
        const auto entry = m_entries.constFind(QByteArray::fromRawData(key.data(), key.size()));
        return entry == m_entries.cend() || entry->until < std::chrono::steady_clock::now() ? QByteArray()
                                                                                            : entry->answer;
    }
    void insert(const QByteArray &key, const QByteArray &answer)
    {
        if (!m_isOn)
            return;
        const TimePoint now = std::chrono::steady_clock::now();
        const std::scoped_lock lock(m_mutex);
        if (m_entries.size() >= 10'000)
            m_entries.removeIf([now](auto entry) { return entry->until < now; });
        if (m_entries.size() < 10'000)
            m_entries.insert(key, { now + 60s, answer });
    }

private:
    struct Entry
    {
        TimePoint until;
        QByteArray answer;
    };
    const bool m_isOn;
    std::mutex m_mutex;
    QHash<QByteArray, Entry> m_entries;
};

struct Search
{
    QString words;
    int limit;
    bool cached;

    static Result<Search> fromQuery(http::QueryReader &reader)
    {
        Search search{ .words = reader.string("q"_L1).simplified(),
                       .limit = int(reader.integer("limit"_L1, 10, 0, 100)),
                       .cached = reader.integer("nocache"_L1, 0) == 0 };
        if (search.words.isEmpty())
            reader.fail("q"_L1, u"must not be empty"_s);
        return reader.finish(std::move(search));
    }
};

/// Every word quoted; all must match.
static QString toFts(const QString &words)
{
    QStringList quoted = words.split(u' ');
    for (QString &word : quoted)
        word = u'"' + word.replace(u'"', u"\"\""_s) + u'"';
    return quoted.join(u' ');
}

static QByteArray findDocuments(db::Connection &connection, const Search &search)
{
    // What `SELECT ... -rank ... ORDER BY rank LIMIT ?` gives, with the rank of db/fulltextrank.h.
    auto &query = connection.execute(
        u"SELECT d.id, d.title, s FROM (SELECT rowid AS r, bm25_score(documents_fts, 'documents', 0) AS s "
        "FROM documents_fts WHERE documents_fts MATCH ? ORDER BY s DESC LIMIT ?) "
        "JOIN documents d ON d.id = r ORDER BY s DESC",
        { toFts(search.words), search.limit });
    QJsonArray hits;
    while (query.next())
        hits.append(QJsonObject{ { "id"_L1, query.value(0).toLongLong() },
                                 { "title"_L1, query.value(1).toString() },
                                 { "relevance"_L1, query.value(2).toDouble() } });
    return QJsonDocument(hits).toJson(QJsonDocument::Compact);
}

static QCoro::Task<Response> searchDatabase(db::Pool &pool, SearchCache &cache, async::Context context,
                                            http::Query<Search> search, QByteArray key)
{
    auto found = pool.read(context, [search = *search](db::Connection &c) { return findDocuments(c, search); });
    const QByteArray answer = co_await std::move(found);
    if (search->cached)
        cache.insert(key, answer);
    co_return Response::json(answer);
}

/// A hit is answered without a coroutine, and without decoding the query.
static void search(db::Pool &pool, SearchCache &cache, Exchange &exchange)
{
    const QByteArrayView key = exchange.request.query();
    if (const QByteArray hit = cache.find(key); !hit.isNull())
        return exchange.answer(Response::json(hit));
    auto parsed = http::Extractor<http::Query<Search>>::from(exchange, 0);
    http::detail::answerWith(exchange,
                             searchDatabase(pool, cache, exchange.context(), std::move(parsed), key.toByteArray()));
}

// ---- Streams, made as fast as the client reads

struct Rows
{
    qint64 count;
    static Result<Rows> fromQuery(http::QueryReader &reader)
    {
        return reader.finish(Rows{ reader.integer("rows"_L1, 1'000, 0) });
    }
};

/// Appends what @p writeRow makes, up to @p budget bytes and while it returns true; no row is longer than @p
/// longestRow.
template<class WriteRow>
static void appendRows(QByteArray &out, qsizetype budget, qsizetype longestRow, WriteRow writeRow)
{
    const qsizetype begin = out.size();
    out.resize(begin + budget);
    http::Pen pen(out.data() + begin);
    const char *const last = pen.at() + budget - longestRow;
    while (pen.at() <= last && writeRow(pen)) { }
    out.truncate(pen.at() - out.constData());
}

class CsvRows final : public Body
{
public:
    explicit CsvRows(qint64 count) : m_count(count) { }
    State read(QByteArray &out, qsizetype budget) override
    {
        if (m_row == 0)
            out += "id,title,category,value\n";
        appendRows(out, budget, 80, [this](http::Pen &pen) {
            if (m_row == m_count)
                return false;
            ++m_row;
            pen << m_row << ",Document " << m_row << ",cat-" << m_row % 17 << "," << m_row * 7919 % 100'000 << "\n";
            return true;
        });
        return m_row < m_count ? State::More : State::End;
    }

private:
    const qint64 m_count;
    qint64 m_row = 0;
};

class JsonRows final : public Body
{
public:
    explicit JsonRows(qint64 count) : m_count(count) { }
    State read(QByteArray &out, qsizetype budget) override
    {
        if (m_row == 0)
            out += '[';
        appendRows(out, budget, 100, [this](http::Pen &pen) {
            if (m_row == m_count)
                return false;
            if (m_row++ > 0)
                pen << ",";
            pen << "{\"id\":" << m_row << ",\"title\":\"Document " << m_row << "\",\"value\":" << m_row * 7919 % 100'000
                << "}";
            return true;
        });
        if (m_row < m_count)
            return State::More;
        out += ']';
        return State::End;
    }

private:
    const qint64 m_count;
    qint64 m_row = 0;
};

class FileBytes final : public Body
{
public:
    explicit FileBytes(const QString &path) : m_file(path)
    {
        if (!QFileInfo(m_file).isFile() || !m_file.open(QIODevice::ReadOnly | QIODevice::Unbuffered))
            throw Error(Error::Code::NotFound, u"no such file"_s);
    }
    qint64 size() const override { return m_file.size(); }
    State read(QByteArray &out, qsizetype budget) override
    {
        const qsizetype before = out.size();
        out.resize(before + budget);
        const qint64 taken = m_file.read(out.data() + before, budget);
        out.resize(before + std::max<qint64>(taken, 0));
        return taken > 0 ? State::More : State::End;
    }

private:
    QFile m_file;
};

static Response csv(http::Query<Rows> rows)
{
    return Response::stream("text/csv; charset=utf-8", std::make_shared<CsvRows>(rows->count));
}

static Response jsonRows(http::Query<Rows> rows)
{
    return Response::stream("application/json", std::make_shared<JsonRows>(rows->count));
}

static Response file(const QString &folder, http::Path<QString> name)
{
    if (name->contains(u'/') || name->startsWith(u'.'))
        throw Error(Error::Code::NotFound, u"no such file"_s);
    return Response::stream("application/octet-stream", std::make_shared<FileBytes>(folder + u'/' + *name));
}

// ---- Server-Sent Events

struct Interval
{
    std::chrono::milliseconds span;
    static Result<Interval> fromQuery(http::QueryReader &reader)
    {
        return reader.finish(
            Interval{ std::chrono::milliseconds(reader.integer("interval_ms"_L1, 100, 1, 3'600'000)) });
    }
};

static Response tick(http::Query<Interval> interval)
{
    auto stream = std::make_shared<http::EventStream>();
    auto *const timer = new QTimer;
    QObject::connect(timer, &QTimer::timeout, timer, [weak = std::weak_ptr(stream), n = 0]() mutable {
        const auto now = std::chrono::system_clock::now().time_since_epoch() / 1ms;
        if (const auto open = weak.lock())
            open->push(
                protocol::encodeSse({ .data = QByteArray("{\"tick\":" + QByteArray::number(n++)
                                                         + ",\"timestamp\":" + QByteArray::number(now) + '}') }));
    });
    stream->onClosed([timer] { timer->deleteLater(); });
    timer->start(interval->span);
    return Response::events(std::move(stream));
}

static Response feed(http::EventHub &hub)
{
    auto stream = std::make_shared<http::EventStream>();
    hub.subscribe(stream);
    return Response::events(std::move(stream));
}

static Response publish(http::EventHub &hub, const http::Request &request)
{
    hub.publish(protocol::encodeSse({ .data = request.body().toByteArray() }));
    return Response::json(QJsonObject{ { "subscribers"_L1, qint64(hub.subscriberCount()) } });
}

// ---- Chat, in memory

/// Rooms are made when the first enters, and kept.
class Rooms
{
public:
    websocket::BroadcastGroup &room(const QString &name)
    {
        const std::scoped_lock lock(m_mutex);
        auto &group = m_groups[name];
        if (!group)
            group = std::make_unique<websocket::BroadcastGroup>();
        return *group;
    }

private:
    std::mutex m_mutex;
    std::map<QString, std::unique_ptr<websocket::BroadcastGroup>> m_groups;
};

static void chat(Rooms &rooms, Exchange &exchange)
{
    http::QueryReader query(exchange.request.query());
    auto &room = rooms.room(query.string("room"_L1, u"lobby"_s));
    const QString user = query.string("user"_L1, u"anon"_s);
    websocket::accept(exchange, {}, [&room, user](websocket::WsConnection &connection) {
        room.join(connection);
        QObject::connect(
            &connection, &websocket::WsConnection::textReceived, &connection, [&room, user](const QString &text) {
                const QJsonObject message{ { "user"_L1, user },
                                           { "message"_L1, text },
                                           { "timestamp"_L1, QDateTime::currentMSecsSinceEpoch() } };
                room.broadcast(websocket::textFrame(QJsonDocument(message).toJson(QJsonDocument::Compact)));
            });
    });
}

// ---- One line each

struct Services
{
    db::Pool pool{ { .file = qEnvironmentVariable("DB_PATH"), .maxConnections = 4 } };
    SearchCache cache{ !qEnvironmentVariableIntValue("NOCACHE") };
    const QString files = qEnvironmentVariable("FILES_DIR");
    http::EventHub hub;
    Rooms rooms;
};

static http::Router makeRouter(Services &services)
{
    http::Router router;
    router.get("/hello", http::bind(hello));
    router.get("/json", http::bind(json));
    router.get("/api/search", http::bind(search, services.pool, services.cache));
    router.get("/export.csv", http::bind(csv)).withoutDeadline();
    router.get("/api/stream/json", http::bind(jsonRows)).withoutDeadline();
    router.get("/files/{name}", http::bind(file, services.files)).withoutDeadline();
    router.get("/sse/tick", http::bind(tick)).withoutDeadline();
    router.get("/sse/feed", http::bind(feed, services.hub)).withoutDeadline();
    router.post("/publish", http::bind(publish, services.hub));
    router.webSocket("/ws/chat", http::bind(chat, services.rooms));
    return router;
}

/// What godwitd records of each request.
struct Inside
{
    metrics::HttpMetrics metrics;
    metrics::TraceStore traces{ {} };
    const middleware::DrainSwitch drain;

    std::vector<std::unique_ptr<http::Middleware>> layers()
    {
        const QByteArray wanted = qgetenv("INSIDE");
        std::vector<std::unique_ptr<http::Middleware>> layers;
        if (wanted.isEmpty())
            return middleware::standard({}, metrics, drain);
        if (wanted == "none")
            return layers;
        layers.push_back(std::make_unique<middleware::RequestId>());
        layers.push_back(std::make_unique<middleware::Tracing>(traces));
        if (wanted == "log")
            layers.push_back(std::make_unique<middleware::AccessLog>(middleware::AccessLog::Format::Text));
        layers.push_back(std::make_unique<middleware::RequestMetrics>(metrics));
        return layers;
    }
};

int main(int argc, char *argv[])
{
    const int workers = std::max(1, qEnvironmentVariableIntValue("WORKERS"));
    const auto port = quint16(qEnvironmentVariableIntValue("PORT"));
    QCoreApplication::setEventDispatcher(runtime::makeEventDispatcher());
    const QCoreApplication application(argc, argv);
    runtime::raiseOpenFileLimit();

    Services services;
    const http::Router router = makeRouter(services);
    Inside inside;
    inside.metrics.setRoutes(middleware::RequestMetrics::labelsOf(router));
    http::Pipeline pipeline(router, inside.layers());
    http::ListenOptions options;
    options.limits.connectionsPerAddress = 0; // the load comes from one

    runtime::ReactorGroup reactors({ .workers = workers });
    auto sockets = orThrow(http::ListenSocket::open({ QHostAddress::LocalHost, port, {} }, workers));
    std::vector<std::unique_ptr<http::HttpServer>> servers(sockets.size());
    reactors.callOnAll([&](int i) {
        servers[size_t(i)] = std::make_unique<http::HttpServer>(pipeline, options);
        servers[size_t(i)]->listenOn(std::move(sockets[size_t(i)]));
    });
    return application.exec(); // until it is killed
}
