// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/realtimeendpoints.h"

#include "server/http/query.h"
#include "server/websocket/frame.h"
#include "server/websocket/wsendpoint.h"
#include "shared/protocol/routes.h"

#include <QBasicTimer>
#include <QJsonDocument>
#include <QThreadStorage>
#include <QTimerEvent>

#include <map>

using namespace Qt::StringLiterals;

namespace godwit::sensors {

using websocket::CloseCode;
using websocket::WsConnection;

namespace {

constexpr qint64 leastIntervalMs = 10, mostIntervalMs = 60'000, defaultIntervalMs = 1'000;
constexpr qint64 realtimeQueueBytes = 4 * 1024; // some thirty messages: what is older is worth less than what is newer
constexpr qint64 realtimeMessageBytes = 1024; // nothing is expected of the client

QByteArray frameOf(const Service &service)
{
    return websocket::textFrame(QJsonDocument(service.present().toJson()).toJson(QJsonDocument::Compact));
}

/// The readers of one reactor. No locks: nothing here is shared.
class Readers final : public QObject
{
public:
    static Readers &ofThisThread()
    {
        // Qt deletes it while the thread's dispatcher is still there; a thread_local would go after it.
        static QThreadStorage<Readers *> storage;
        if (!storage.hasLocalData())
            storage.setLocalData(new Readers);
        return *storage.localData();
    }

    void add(WsConnection &connection, int intervalMs, const Service &service)
    {
        const Key key(intervalMs, &service);
        Group &group = m_groups[key];
        if (group.members.empty()) {
            group.timer.start(intervalMs, Qt::PreciseTimer, this);
            m_byTimer.insert(group.timer.timerId(), key);
        }
        group.members.push_back(&connection);
        connect(&connection, &WsConnection::closed, this, [this, key, &connection] { remove(key, connection); });
        connection.sendFrames(frameOf(service)); // the next one comes after the interval
    }

private:
    using Key = std::pair<int, const Service *>;
    struct Group
    {
        QBasicTimer timer;
        std::vector<WsConnection *> members;
    };

    void remove(const Key &key, const WsConnection &connection)
    {
        const auto group = m_groups.find(key);
        if (group == m_groups.end())
            return;
        std::erase(group->second.members, &connection);
        if (!group->second.members.empty())
            return;
        m_byTimer.remove(group->second.timer.timerId());
        m_groups.erase(group); // stops its timer
    }

    void timerEvent(QTimerEvent *event) override
    {
        const auto key = m_byTimer.constFind(event->timerId());
        if (key == m_byTimer.constEnd())
            return;
        const QByteArray frame = frameOf(*key->second);
        // A list of its own: one that ends meanwhile leaves; deleted it is later.
        const std::vector<WsConnection *> members = m_groups[*key].members;
        for (WsConnection *const member : members)
            member->sendFrames(frame);
    }

    std::map<Key, Group> m_groups;
    QHash<int, Key> m_byTimer;
};

} // namespace

websocket::EndpointOptions realtimeOptions()
{
    return { .frameBytes = realtimeMessageBytes,
             .messageBytes = realtimeMessageBytes,
             .queueBytes = realtimeQueueBytes,
             .overflow = websocket::Overflow::KeepNewest };
}

static void openRealtime(const Service &service, const websocket::EndpointOptions &options, http::Exchange &exchange)
{
    http::QueryReader query(exchange.request.query());
    const qint64 interval = query.integer("interval"_L1, defaultIntervalMs, leastIntervalMs, mostIntervalMs);
    const int intervalMs = int(orThrow(query.finish(interval)));
    websocket::accept(exchange, options, [&service, intervalMs](WsConnection &connection) {
        const auto refuse = [&connection] { connection.close(CloseCode::PolicyViolation, u"nothing is read here"_s); };
        QObject::connect(&connection, &WsConnection::textReceived, &connection, refuse);
        QObject::connect(&connection, &WsConnection::binaryReceived, &connection, refuse);
        Readers::ofThisThread().add(connection, intervalMs, service);
    });
}

void addRealtimeRoute(http::Router &router, const Service &service, const websocket::EndpointOptions &options)
{
    router.webSocket(
        protocol::routes::realtimeSocket,
        http::Handler([&service, options](http::Exchange &exchange) { openRealtime(service, options, exchange); },
                      protocol::Role::Viewer));
}

} // namespace godwit::sensors
