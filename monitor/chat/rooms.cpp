// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/rooms.h"

#include <QPointer>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using models::ChatModel;
using models::Room;

namespace {

constexpr auto refreshInterval = 15s;
constexpr qsizetype nameLimit = 64;

/// "alice: the newest message" on one line; empty without a message.
QString previewOf(const ChatModel &model)
{
    for (int row = model.rowCount(); row-- > 0;) {
        const QModelIndex index = model.index(row);
        if (index.data(ChatModel::DeletedRole).toBool())
            continue;
        const QString user = index.data(ChatModel::UserRole).toString();
        const QString text = index.data(ChatModel::TextRole).toString().simplified();
        return u"%1: %2"_s.arg(user, text.isEmpty() ? index.data(ChatModel::FileRole).toString() : text);
    }
    return {};
}

} // namespace

Rooms::Rooms(net::Session &session, Options options, QObject *parent)
    : QObject(parent),
      m_session(session),
      m_user(normalizedName(options.user)),
      m_outbox(options.outboxFile.isEmpty() ? Outbox() : Outbox(options.outboxFile))
{
    if (options.joined.isEmpty())
        options.joined.append(QString::fromLatin1(defaultRoom));
    connectLink();
    // What could not be sent is shown where it was written, also if the room was left since.
    for (const QString &room : options.joined + m_outbox.rooms(m_user)) {
        if (const auto joinedRoom = join(room); !joinedRoom)
            qWarning("%s", qUtf8Printable(joinedRoom.error().message()));
    }
    connect(&m_refresh, &QTimer::timeout, this, [this] { refresh(); });
}

Rooms::~Rooms() = default;

void Rooms::connectLink()
{
    m_link = std::make_unique<ChatLink>(m_session, m_user);
    connect(m_link.get(), &ChatLink::failed, this, &Rooms::failed);
    if (m_isStarted)
        m_link->start();
}

void Rooms::start()
{
    m_isStarted = true;
    m_link->start();
    m_refresh.start(refreshInterval);
    refresh();
    // Queued: whoever shows it is connected only after it has built us.
    if (!m_outbox.problem().isEmpty())
        QMetaObject::invokeMethod(this, [this] { Q_EMIT failed(m_outbox.problem()); }, Qt::QueuedConnection);
}

Result<void> Rooms::setUser(const QString &user, std::optional<Timestamp> adoptSince)
{
    const QString name = normalizedName(user);
    if (name.isEmpty() || name.size() > nameLimit)
        return failure(Error::Code::InvalidArgument, tr("A name has 1 to %1 characters").arg(nameLimit));
    if (name == m_user)
        return {};
    const QStringList rooms = joined();
    m_sessions.clear();
    if (adoptSince)
        m_outbox.adopt(m_user, name, *adoptSince);
    m_user = name;
    connectLink();
    for (const QString &room : rooms)
        open(room);
    Q_EMIT joinedChanged();
    return {};
}

QStringList Rooms::joined() const
{
    QStringList result;
    for (const auto &[name, session] : m_sessions)
        result.append(name);
    return result;
}

RoomSession *Rooms::session(const QString &room) const
{
    const auto found = m_sessions.find(room);
    return found == m_sessions.end() ? nullptr : found->second.get();
}

Result<RoomSession *> Rooms::join(const QString &room)
{
    const QString name = normalizedName(room);
    if (RoomSession *joinedAlready = session(name))
        return joinedAlready;
    // The name is part of a path: a slash would end it.
    if (name.isEmpty() || name.size() > nameLimit || name.contains(u'/') || name == "."_L1 || name == ".."_L1)
        return failure(Error::Code::InvalidArgument,
                       tr("A room's name has 1 to %1 characters and no slash").arg(nameLimit));
    if (m_sessions.size() >= joinedLimit)
        return failure(Error::Code::ResourceExhausted,
                       tr("At most %1 rooms can be joined at a time: leave one first").arg(joinedLimit));
    RoomSession *joinedRoom = open(name);
    Q_EMIT joinedChanged();
    return joinedRoom;
}

RoomSession *Rooms::open(const QString &room)
{
    auto owned = std::make_unique<RoomSession>(m_session, *m_link, m_outbox, room, m_user);
    RoomSession *const session = owned.get();
    m_sessions.insert_or_assign(room, std::move(owned));
    connect(session, &RoomSession::failed, this, &Rooms::failed);
    connect(session, &RoomSession::messagesArrived, this, [this, room] { describe(room); });
    connect(session, &RoomSession::presenceChanged, this, [this, room] { describe(room); });
    connect(session, &RoomSession::mentioned, this,
            [this, room](const QString &user, const QString &text) { Q_EMIT mentioned(room, user, text); });
    describe(room);
    return session;
}

void Rooms::leave(const QString &room)
{
    RoomSession *const left = session(room);
    if (!left)
        return;
    left->leave();
    m_sessions.erase(room);
    if (const Room *known = m_model.room(room)) {
        Room other = *known;
        other.isJoined = other.isLive = false;
        other.unread = other.mentions = 0;
        m_model.upsert(other);
    }
    Q_EMIT joinedChanged();
    Q_EMIT unreadChanged(m_model.unreadTotal());
}

void Rooms::markRead(const QString &room)
{
    if (RoomSession *read = session(room)) {
        read->markRead();
        describe(room);
    }
}

void Rooms::describe(const QString &room)
{
    RoomSession *const of = session(room);
    if (!of)
        return;
    const ChatModel &model = of->model();
    const Room *const known = m_model.room(room);
    Room line = known ? *known : Room{ .name = room };
    line.isJoined = true;
    line.isLive = of->isJoined();
    line.lastOffset = std::max(line.lastOffset, model.lastOffset());
    line.members = of->here().count();
    line.unread = of->unread();
    line.mentions = of->mentions();
    line.preview = previewOf(model);
    m_model.upsert(line);
    Q_EMIT unreadChanged(m_model.unreadTotal());
}

QCoro::Task<> Rooms::refresh()
{
    const QPointer<Rooms> self = this;
    QUrlQuery query;
    query.addQueryItem(u"limit"_s, u"1000"_s);
    query.addQueryItem(u"user"_s, QString::fromLatin1(QUrl::toPercentEncoding(m_user))); // where names are believed
    const Result<client::Answer> answer = co_await m_session.api().get(u"/api/rooms"_s, query);
    // The connection's badge says already that there is no server; an older one may have no such list.
    if (!self || !answer)
        co_return;
    const QJsonArray items = answer->object().value("items"_L1).toArray();
    for (const auto &item : items) {
        const QJsonObject json = item.toObject();
        const QString name = json.value("name"_L1).toString();
        const Room *const known = m_model.room(name);
        Room line = known ? *known : Room{ .name = name };
        line.lastOffset = qint64(json.value("last_offset"_L1).toDouble());
        if (!line.isJoined) {
            // Of a room that one is not in, only what was said to oneself is news.
            line.members = json.value("online"_L1).toInt();
            line.mentions = json.value("mentions"_L1).toInt();
        }
        if (!name.isEmpty())
            m_model.upsert(line);
    }
}

} // namespace godwit::chat
