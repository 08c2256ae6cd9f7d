// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/migrations.h"
#include "tests/log/follower.h"
#include "tests/support/rounds.h"

#include <QTemporaryDir>

#include <future>
#include <random>
#include <thread>

using namespace godwit;
using namespace Qt::StringLiterals;
using log::answer;
using log::ended;
using log::EventLog;
using log::Follower;
using log::numbered;
using log::Position;
using log::range;
using Appended = log::Appender::Appended;

class tst_EventLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void givesDenseOffsetsOfOneEpoch();
    void goesOnAfterARestart();
    void leavesNoHoleWhereAJobFails();
    void answersAResendWithTheFirstResult();
    void keepsTheEpochOfATopicThatIsStillEmpty();
    void recoversFromMemoryAndFromTheDatabase_data();
    void recoversFromMemoryAndFromTheDatabase();
    void tellsWhatIsGone_data();
    void tellsWhatIsGone();
    void forgetsByNumberAndByAge();
    void forgetsWhatTopicsHoldInMemoryToo();
    void letsGoOfTopicsThatNobodyReads();
    void boundsTheBytesOfTopicsThatNobodyReads();
    void stopsForAReaderThatHasEnough();
    void endsWithItsContext();
    void takesOverWhatTriggersPutIntoTheOutbox();
    void tellsATopicThatIsOpenedMeanwhileWhatTriggersPutIntoTheOutbox();
    void takesOverWhatOthersHaveLeft();
    void givesEveryTopicAnotherEpoch();
    void waitsForRoomBetweenPages();
    void fansOutToThreadsInOrder();
    void readsPositionsAsTheyAreWritten_data();
    void readsPositionsAsTheyAreWritten();
    void losesAndDoublesNothingForReadersThatAreCut_data();
    void losesAndDoublesNothingForReadersThatAreCut();

private:
    void open(const log::Options &options = {});
    Appended append(const QString &topic, qint64 number)
    {
        return awaited(answer(m_log->append({}, { .topic = topic, .data = numbered(number) })));
    }
    void appendMany(const QString &topic, qint64 first, qint64 last)
    {
        std::vector<async::OneShot<Appended>> results;
        for (qint64 number = first; number <= last; ++number)
            results.push_back(m_log->append({}, { .topic = topic, .data = numbered(number) }));
        for (auto &result : results)
            awaited(answer(std::move(result)));
    }
    std::shared_ptr<log::Topic> topic(const QString &name) { return awaited(answer(m_log->open({}, name))); }
    qint64 storedIn(const QString &table)
    {
        return awaited(answer(m_pool->read({}, [table](db::Connection &connection) {
            QSqlQuery &query = connection.execute(QString(u"SELECT count(*) FROM "_s + table));
            return query.next() ? query.value(0).toLongLong() : -1;
        })));
    }
    /// Until rounds that were begun are through.
    void settle()
    {
        awaited(answer(m_pool->write({}, [](db::Connection &) { return 0; })));
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    ManualClock m_clock;
    std::unique_ptr<db::Pool> m_pool;
    std::unique_ptr<EventLog> m_log;
};

void tst_EventLog::open(const log::Options &options)
{
    m_log.reset();
    m_pool.reset();
    m_pool = std::make_unique<db::Pool>(db::Options{ .file = m_folder->filePath(u"log.db"_s) });
    db::migrate(*m_pool);
    m_log = std::make_unique<EventLog>(*m_pool, options, m_clock);
}

void tst_EventLog::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    open();
}

void tst_EventLog::cleanup()
{
    m_log.reset();
    m_pool.reset();
}

void tst_EventLog::givesDenseOffsetsOfOneEpoch()
{
    const Appended first = append(u"tasks"_s, 1), other = append(u"room:a"_s, 1), second = append(u"tasks"_s, 2);
    QCOMPARE(first.position.offset, 1);
    QCOMPARE(second.position.offset, 2);
    QCOMPARE(other.position.offset, 1);
    QVERIFY(!first.position.epoch.isEmpty());
    QCOMPARE(second.position.epoch, first.position.epoch);
    QVERIFY(other.position.epoch != first.position.epoch);
}

void tst_EventLog::goesOnAfterARestart()
{
    const Appended before = append(u"tasks"_s, 1);
    open();
    const Appended after = append(u"tasks"_s, 2);
    QCOMPARE(after.position, (Position{ before.position.epoch, 2 }));
}

void tst_EventLog::leavesNoHoleWhereAJobFails()
{
    const auto tasks = topic(u"tasks"_s);
    Follower follower;
    follower.follow(*m_log, tasks, {});
    append(u"tasks"_s, 1);
    auto failing = m_log->write({}, [](db::Connection &, log::Appender &appender) -> int {
        appender.append({ .topic = u"tasks"_s, .data = numbered(0) });
        throw Error(Error::Code::Conflict, u"changed its mind"_s);
    });
    QVERIFY_THROWS_EXCEPTION(Error, awaited(answer(std::move(failing))));
    append(u"tasks"_s, 2);
    follower.cut();
    QCOMPARE(follower.offsets(), (QList<qint64>{ 1, 2 }));
    QCOMPARE(follower.seen.last()->data, numbered(2));
}

void tst_EventLog::answersAResendWithTheFirstResult()
{
    const log::NewEvent event{ .topic = u"room:a"_s, .data = numbered(1), .client = u"ada"_s, .clientId = u"7"_s };
    const auto send = [this](log::NewEvent sent) { return awaited(answer(m_log->append({}, std::move(sent)))); };
    const Appended first = send(event);
    append(u"room:a"_s, 2);
    open(); // what was sent before a restart is known behind it
    const Appended again = send(event);
    QVERIFY(!first.isRepeated);
    QVERIFY(again.isRepeated);
    QCOMPARE(again.position, first.position);
    log::NewEvent others = event;
    others.client = u"bob"_s;
    QCOMPARE(send(others).position.offset, 3);
    log::NewEvent elsewhere = event;
    elsewhere.topic = u"room:b"_s;
    QCOMPARE(send(elsewhere).position.offset, 1);
    QCOMPARE(storedIn(u"log_events"_s), 4);
}

void tst_EventLog::keepsTheEpochOfATopicThatIsStillEmpty()
{
    const auto room = topic(u"room:new"_s);
    const Position before = room->state().last;
    QCOMPARE(before.offset, 0);
    QCOMPARE(append(u"room:new"_s, 1).position, (Position{ before.epoch, 1 }));
    QCOMPARE(room->state().last.offset, 1);
}

void tst_EventLog::recoversFromMemoryAndFromTheDatabase_data()
{
    QTest::addColumn<qint64>("from");
    QTest::newRow("from the beginning, through the database") << qint64(0);
    QTest::newRow("at the edge of memory") << qint64(990);
    QTest::newRow("one before it") << qint64(989);
    QTest::newRow("in memory") << qint64(995);
    QTest::newRow("up to date") << qint64(1'000);
}

void tst_EventLog::recoversFromMemoryAndFromTheDatabase()
{
    QFETCH(qint64, from);
    open({ .ringEvents = 10 });
    const auto tasks = topic(u"tasks"_s);
    appendMany(u"tasks"_s, 1, 1'000);
    QCOMPARE(tasks->figures().ringEvents, 10);

    Follower follower;
    follower.follow(*m_log, tasks, Position{ tasks->state().last.epoch, from });
    append(u"tasks"_s, 1'001);
    follower.cut();
    QVERIFY(follower.starts.first().isRecovered);
    QCOMPARE(follower.offsets(), range(from + 1, 1'001));
    for (const auto &event : std::as_const(follower.seen))
        QCOMPARE(event->data, numbered(event->position.offset));
}

void tst_EventLog::tellsWhatIsGone_data()
{
    QTest::addColumn<QByteArray>("epoch"); // empty: that of the topic
    QTest::addColumn<qint64>("from");
    QTest::newRow("another epoch") << "other"_ba << qint64(25);
    QTest::newRow("trimmed") << QByteArray() << qint64(3);
    QTest::newRow("ahead of all") << QByteArray() << qint64(31);
}

void tst_EventLog::tellsWhatIsGone()
{
    QFETCH(QByteArray, epoch);
    QFETCH(qint64, from);
    open({ .maxEvents = 10 });
    appendMany(u"tasks"_s, 1, 30);
    m_log->trim();
    settle();
    const auto tasks = topic(u"tasks"_s);
    QCOMPARE(tasks->state().oldest, 21);

    Follower follower;
    follower.follow(*m_log, tasks, Position{ epoch.isEmpty() ? tasks->state().last.epoch : epoch, from });
    QVERIFY(!follower.starts.first().isRecovered);
    QCOMPARE(follower.starts.first().state.oldest, 21);
    QCOMPARE(follower.starts.first().state.last.offset, 30);
    QCOMPARE(follower.offsets(), range(21, 30)); // all that is left
}

void tst_EventLog::forgetsByNumberAndByAge()
{
    open({ .maxAge = std::chrono::hours(1), .maxEvents = 1'200 });
    const auto send = [this](const QString &id) {
        return awaited(
            answer(m_log->append({}, { .topic = u"old"_s, .data = numbered(1), .client = u"ada"_s, .clientId = id })));
    };
    send(u"1"_s);
    appendMany(u"tasks"_s, 1, 2'500); // more than a round takes
    m_clock.advance(std::chrono::minutes(61));
    appendMany(u"tasks"_s, 2'501, 2'600);
    const auto old = topic(u"old"_s), tasks = topic(u"tasks"_s);
    m_log->trim();
    QTRY_COMPARE(storedIn(u"log_events"_s), 100);
    QTRY_COMPARE(tasks->state().oldest, 2'501);
    QTRY_COMPARE(old->state().oldest, 2);
    QTRY_COMPARE(storedIn(u"log_sends"_s), 0);
    QCOMPARE(send(u"1"_s).position.offset, 2); // too late to be known, and no offset is given twice
}

void tst_EventLog::forgetsWhatTopicsHoldInMemoryToo()
{
    open({ .maxAge = std::chrono::hours(1), .ringBytes = 100 });
    const auto tasks = topic(u"tasks"_s);
    appendMany(u"tasks"_s, 1, 50);
    QVERIFY(tasks->figures().ringBytes <= 100);
    QVERIFY(tasks->figures().ringEvents > 0);
    m_clock.advance(std::chrono::minutes(61));
    m_log->trim();
    QTRY_COMPARE(tasks->state().oldest, 51);
    QCOMPARE(tasks->figures().ringEvents, 0);
    QCOMPARE(tasks->figures().ringBytes, 0);
}

void tst_EventLog::letsGoOfTopicsThatNobodyReads()
{
    const auto held = topic(u"held"_s);
    for (int i = 0; i < 400; ++i)
        topic(u"room:%1"_s.arg(i));
    QVERIFY(m_log->topics().size() <= 258);
    append(u"held"_s, 1);
    QCOMPARE(held->state().last.offset, 1);
}

void tst_EventLog::boundsTheBytesOfTopicsThatNobodyReads()
{
    constexpr qint64 mebibyte = 1024 * 1024;
    open({ .ringBytes = 4 * mebibyte });
    const auto held = topic(u"held"_s);
    const QByteArray large(3 * mebibyte, 'x');
    for (int i = 0; i < 12; ++i) {
        const QString name = u"room:%1"_s.arg(i);
        topic(name);
        awaited(answer(m_log->append({}, { .topic = name, .data = large })));
    }
    m_log->trim();
    settle();
    qint64 bytes = 0;
    QStringList names;
    for (const auto &one : m_log->topics()) {
        bytes += one->figures().ringBytes;
        names.append(one->name());
    }
    QVERIFY2(bytes <= 32 * mebibyte, QByteArray::number(bytes).constData());
    QVERIFY(names.contains(u"held"_s));
    QVERIFY(names.contains(u"room:11"_s)); // the newest stay
    QVERIFY(!names.contains(u"room:0"_s));
}

void tst_EventLog::stopsForAReaderThatHasEnough()
{
    open({ .ringEvents = 1 });
    const auto tasks = topic(u"tasks"_s);
    appendMany(u"tasks"_s, 1, 1'000);
    Follower follower;
    follower.follow(*m_log, tasks, Position{ tasks->state().last.epoch, 0 }, 300);
    QVERIFY(follower.seen.size() >= 300 && follower.seen.size() < 1'000);
    append(u"tasks"_s, 1'001);
    const auto before = follower.seen.size();
    follower.cut();
    QCOMPARE(follower.seen.size(), before); // it has not joined
}

void tst_EventLog::endsWithItsContext()
{
    open({ .ringEvents = 1 });
    const auto tasks = topic(u"tasks"_s);
    appendMany(u"tasks"_s, 1, 10);
    std::stop_source stop;
    stop.request_stop();
    async::Context context;
    context.stop = stop.get_token();
    EventLog::Reader reader{ .begin = [](const auto &) {},
                             .take = [](const auto &) { return true; },
                             .join = [] { QFAIL("it has been stopped"); } };
    QVERIFY_THROWS_EXCEPTION(
        Error, awaited(ended(m_log->follow(context, tasks, Position{ tasks->state().last.epoch, 0 }, reader))));
}

void tst_EventLog::takesOverWhatTriggersPutIntoTheOutbox()
{
    const auto users = topic(u"users"_s);
    const auto addUser = [](db::Connection &connection, const QString &name) {
        connection.execute(u"INSERT INTO users (name, name_key, role, password_hash, created_at, updated_at) "
                           "VALUES (?, ?, 'viewer', '', 0, 0)",
                           { name, name });
    };
    // Told before the write's result arrives, and only what was committed.
    awaited(answer(m_pool->write({}, [&](db::Connection &connection) {
        addUser(connection, u"ada"_s);
        addUser(connection, u"bob"_s);
        return 0;
    })));
    QCOMPARE(users->state().last.offset, 2);
    QVERIFY_THROWS_EXCEPTION(Error, awaited(answer(m_pool->write({}, [&](db::Connection &connection) -> int {
                                 addUser(connection, u"eve"_s);
                                 throw Error(Error::Code::Conflict, u"no"_s);
                             }))));
    QCOMPARE(users->state().last.offset, 2);
    Follower reader;
    reader.follow(*m_log, users, Position{ users->state().last.epoch, 0 });
    QCOMPARE(reader.offsets(), range(1, 2));
    QVERIFY2(reader.seen.constLast()->data.contains("\"name\":\"bob\""), reader.seen.constLast()->data.constData());
    QCOMPARE(storedIn(u"log_outbox"_s), 0);
}

void tst_EventLog::tellsATopicThatIsOpenedMeanwhileWhatTriggersPutIntoTheOutbox()
{
    std::promise<void> go;
    auto busy = m_pool->write({}, [going = go.get_future().share()](db::Connection &) {
        going.wait(); // so that the next are in one transaction
        return 0;
    });
    auto opening = m_log->open({}, u"tasks"_s);
    auto writing = m_pool->write({}, [](db::Connection &connection) {
        connection.execute(u"INSERT INTO log_outbox (topic, data) VALUES ('tasks', '{\"n\":1}')");
        return 0;
    });
    go.set_value();
    const auto tasks = awaited(answer(std::move(opening)));
    awaited(answer(std::move(writing)));
    Follower follower;
    follower.follow(*m_log, tasks, Position{});
    append(u"tasks"_s, 2);
    follower.cut();
    QCOMPARE(follower.offsets(), (QList<qint64>{ 1, 2 }));
}

void tst_EventLog::takesOverWhatOthersHaveLeft()
{
    {
        db::Pool other({ .file = m_folder->filePath(u"log.db"_s) }); // as another program's
        awaited(answer(other.write({}, [](db::Connection &connection) {
            connection.execute(u"INSERT INTO log_outbox (topic, data) VALUES ('tasks', '{\"n\":1}')");
            return 0;
        })));
    }
    QCOMPARE(storedIn(u"log_outbox"_s), 1);
    m_log->start();
    QCOMPARE(storedIn(u"log_outbox"_s), 0);
    QCOMPARE(topic(u"tasks"_s)->state().last.offset, 1);
}

void tst_EventLog::givesEveryTopicAnotherEpoch()
{
    const Position before = append(u"tasks"_s, 1).position;
    append(u"room:a"_s, 1);
    awaited(answer(m_pool->write({}, [](db::Connection &connection) {
        log::store::beginNewEpochs(connection);
        return 0;
    })));
    open();
    const auto tasks = topic(u"tasks"_s), room = topic(u"room:a"_s);
    QVERIFY(tasks->state().last.epoch != before.epoch);
    QVERIFY(tasks->state().last.epoch != room->state().last.epoch);
    Follower reader;
    reader.follow(*m_log, tasks, before);
    QVERIFY(!reader.starts.constFirst().isRecovered);
    QCOMPARE(reader.offsets(), range(1, 1));
}

void tst_EventLog::waitsForRoomBetweenPages()
{
    const auto tasks = topic(u"tasks"_s); // before, so that all is in memory
    appendMany(u"tasks"_s, 1, 3 * log::pageEvents);
    std::optional<async::OneShot<void>::Finisher> waiting;
    QList<qsizetype> pages;
    bool hasJoined = false;
    EventLog::Reader reader;
    reader.begin = [](const EventLog::Start &) { };
    reader.take = [&](const QList<log::EventPointer> &events) {
        pages.append(events.size());
        return true;
    };
    reader.room = [&] {
        auto [finisher, room] = async::oneShot<void>();
        waiting = std::move(finisher);
        return std::move(room);
    };
    reader.join = [&] { hasJoined = true; };
    auto following = m_log->follow({}, tasks, Position{ tasks->state().last.epoch, 0 }, reader);
    for (int page = 0; !hasJoined; ++page) {
        QTRY_VERIFY(waiting);
        QCOMPARE(pages.size(), page); // none without room
        std::exchange(waiting, std::nullopt)->set();
        QTRY_COMPARE(pages.size(), page + 1);
        QCOMPARE(pages.constLast(), qsizetype(log::pageEvents));
    }
    QCOMPARE(pages.size(), 3);
    QVERIFY(awaited(ended(std::move(following))));
}

void tst_EventLog::fansOutToThreadsInOrder()
{
    constexpr qint64 count = 1'000;
    log::Fanout fanout;
    std::atomic<int> ready = 0, full = 0;
    std::array<QList<qint64>, 2> seen;
    std::vector<std::unique_ptr<QThread>> threads;
    for (auto &mine : seen) {
        threads.emplace_back(QThread::create([&] {
            QEventLoop loop;
            const auto member = fanout.join([&](const log::EventPointer &event) {
                mine.append(event->position.offset);
                if (event->position.offset == count) {
                    ++full;
                    loop.quit();
                }
            });
            ++ready;
            loop.exec();
        }));
        threads.back()->start();
    }
    QTRY_COMPARE(ready, 2);
    for (qint64 offset = 1; offset <= count; ++offset)
        fanout.publish(std::make_shared<const log::Event>(log::Event{ .position = { "e", offset } }));
    QTRY_COMPARE(full, 2);
    for (const auto &thread : threads)
        QVERIFY(thread->wait(5'000));
    QCOMPARE(seen[0], range(1, count));
    QCOMPARE(seen[1], range(1, count));
    fanout.publish(std::make_shared<const log::Event>()); // to nobody
}

void tst_EventLog::readsPositionsAsTheyAreWritten_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("isPosition");
    QTest::newRow("plain") << "abc:12"_ba << true;
    QTest::newRow("of nothing seen") << "abc:0"_ba << true;
    QTest::newRow("an epoch with a colon") << "a:b:3"_ba << true;
    QTest::newRow("empty") << ""_ba << false;
    QTest::newRow("no epoch") << ":1"_ba << false;
    QTest::newRow("no offset") << "abc:"_ba << false;
    QTest::newRow("no colon") << "12"_ba << false;
    QTest::newRow("a sign") << "abc:+1"_ba << false;
    QTest::newRow("below zero") << "abc:-1"_ba << false;
    QTest::newRow("a leading zero") << "abc:01"_ba << false;
    QTest::newRow("white space") << "abc: 1"_ba << false;
    QTest::newRow("too large") << "abc:99999999999999999999"_ba << false;
}

void tst_EventLog::readsPositionsAsTheyAreWritten()
{
    QFETCH(QByteArray, text);
    const auto position = Position::fromText(text);
    QTEST(position.has_value(), "isPosition");
    if (position)
        QCOMPARE(position->toText(), text);
}

void tst_EventLog::losesAndDoublesNothingForReadersThatAreCut_data()
{
    QTest::addColumn<quint32>("seed");
    for (quint32 seed = 1; seed <= rounds(5); ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

/// Three writers, and a reader that comes and goes at random points, at random paces.
void tst_EventLog::losesAndDoublesNothingForReadersThatAreCut()
{
    QFETCH(quint32, seed);
    constexpr int writers = 3, eventsOfEach = 400;
    open({ .ringEvents = 40 });
    auto tasks = topic(u"tasks"_s);
    Position at = tasks->state().last;
    std::vector<std::thread> threads;
    for (int writer = 0; writer < writers; ++writer) {
        threads.emplace_back([this, writer, random = std::mt19937(seed * 10 + quint32(writer))]() mutable {
            std::vector<async::OneShot<Appended>> results;
            for (int i = 0; i < eventsOfEach; ++i) {
                results.push_back(m_log->append({}, { .topic = u"tasks"_s, .data = numbered(writer) }));
                if (random() % 4 == 0)
                    awaited(answer(std::move(results.back())));
            }
            // The writer is first in, first out: with this one all others are there.
            awaited(answer(m_log->append({}, { .topic = u"other"_s, .data = numbered(writer) })));
        });
    }
    std::mt19937 random(seed);
    QList<qint64> seen;
    while (seen.size() < writers * eventsOfEach) {
        if (random() % 3 == 0) {
            tasks.reset(); // it may go from memory
            for (int i = 0; i < 20; ++i)
                topic(u"room:%1"_s.arg(random() % 1'000));
            tasks = topic(u"tasks"_s);
        }
        Follower follower;
        follower.follow(*m_log, tasks, at);
        QVERIFY(follower.starts.first().isRecovered);
        for (auto turns = random() % 50; turns > 0; --turns)
            std::this_thread::yield();
        follower.cut();
        // It may have lost the last of what it was sent: it does not say that it has seen it.
        const auto offsets = follower.offsets();
        const auto kept = offsets.isEmpty() ? 0 : qsizetype(random() % quint32(offsets.size())) + 1;
        seen += offsets.first(kept);
        if (!seen.isEmpty())
            at.offset = seen.last();
    }
    for (auto &thread : threads)
        thread.join();
    QCOMPARE(seen, range(1, writers * eventsOfEach));
}

QTEST_GUILESS_MAIN(tst_EventLog)
#include "tst_eventlog.moc"
