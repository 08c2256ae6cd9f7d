// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/tasks/schedules.h"

#include "server/tasks/cron.h"
#include "server/tasks/schedulestore.h"
#include "server/tasks/store.h"

#include <QLoggingCategory>
#include <QTimeZone>

#include <mutex>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::tasks {

Q_LOGGING_CATEGORY(schedulesLog, "godwit.tasks")

using async::Context;
using db::Connection;
using protocol::NewSchedule;
using protocol::Schedule;

static constexpr auto lookInterval = 1s;

struct Schedules::State
{
    mutable std::mutex mutex;
    QList<Schedule> all;

    void set(QList<Schedule> schedules)
    {
        const std::lock_guard lock(mutex);
        all = std::move(schedules);
    }
    bool isAnyDue(Timestamp now) const
    {
        const std::lock_guard lock(mutex);
        return std::any_of(all.begin(), all.end(), [now](const Schedule &schedule) {
            return schedule.what.isEnabled && schedule.nextAt && *schedule.nextAt <= now;
        });
    }
};

/// What a write leaves for its announcement.
struct Schedules::Work
{
    QList<Schedule> all{};
    QList<protocol::Task> submitted{};
};

/// Its first time after @p after. Throws Error::FailedValidation.
static Timestamp nextOf(const NewSchedule &what, Timestamp after)
{
    const auto wrong = [](const QString &text) { return Error(Error::Code::FailedValidation, text); };
    const auto cron = Cron::parse(what.cron);
    if (!cron)
        throw wrong(u"\"cron\": "_s + cron.error().message());
    const QTimeZone zone(what.timeZone.toLatin1());
    if (what.timeZone.isEmpty() || !zone.isValid()) // an empty one is the system's to Qt
        throw wrong(u"\"time_zone\" must be one that the server knows, such as Europe/Berlin, not \"%1\""_s.arg(
            what.timeZone.left(100)));
    const auto next = cron->next(after, zone);
    if (!next)
        throw wrong(u"\"cron\" never comes"_s);
    return *next;
}

/// The same of one that is on; nothing of one that is off. Throws as well.
static std::optional<Timestamp> comingOf(const NewSchedule &what, Timestamp after)
{
    const Timestamp next = nextOf(what, after);
    return what.isEnabled ? std::optional(next) : std::nullopt;
}

Schedules::Schedules(db::Pool &pool, Service &tasks, const Clock &clock)
    : m_pool(pool),
      m_submission(tasks.submission()),
      m_clock(clock),
      m_state(std::make_shared<State>())
{
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] {
        if (m_look.isFinished() && m_state->isAnyDue(m_clock.timestamp()))
            look();
    });
}

/// @p change (`T change(Connection &, Work &)`) and what follows from it.
template<class Change>
auto Schedules::write(Context context, Change change)
{
    auto work = std::make_shared<Work>(); // shared by the two
    return m_pool.write(
        std::move(context),
        [work, change = std::move(change)](Connection &connection) {
            auto result = change(connection, *work);
            work->all = schedulestore::all(connection);
            return result;
        },
        [work, state = m_state, announce = m_submission.announce](const auto &) {
            state->set(work->all);
            for (const protocol::Task &task : work->submitted)
                announce(task);
        });
}

void Schedules::start()
{
    m_state->set(list({}).result());
    m_timer.start(lookInterval);
}

/// The last look may have failed: what is due is still so.
void Schedules::look()
{
    try {
        m_look.waitForFinished();
    } catch (const Error &error) {
        qCWarning(schedulesLog, "schedules: %s; trying again", error.what());
    }
    m_look = submitDue();
}

void Schedules::stop()
{
    m_timer.stop();
}

/// One transaction: what is submitted, and when the next comes.
static void submitOne(Connection &connection, const Schedule &schedule, Timestamp now, QList<protocol::Task> &submitted)
{
    std::optional<Timestamp> next;
    try {
        next = nextOf(schedule.what, now);
    } catch (const Error &error) {
        // Of another version of the program, or of a system that knew more time zones.
        qCWarning(schedulesLog, "schedule %lld ends: %s", static_cast<long long>(schedule.id), error.what());
    }
    schedulestore::setNext(connection, schedule.id, next);
    const bool isMissed = now - schedule.nextAt.value_or(now) > Schedules::missedAfter;
    if (isMissed && !schedule.what.catchesUp)
        return;
    if (schedule.what.overlap == NewSchedule::Overlap::Skip && schedulestore::hasOpenTask(connection, schedule.id)) {
        qCInfo(schedulesLog, "schedule %lld is left out: its last task has not ended",
               static_cast<long long>(schedule.id));
        return;
    }
    const protocol::Principal creator{ .userId = schedule.creatorId, .name = schedule.createdBy };
    submitted.append(store::create(connection, schedule.what.task, creator, schedule.id));
    schedulestore::setLast(connection, schedule.id, now, submitted.last().id);
}

QFuture<qint64> Schedules::submitDue()
{
    return write({},
                 [now = m_clock.timestamp()](Connection &connection, Work &work) {
                     const auto due = schedulestore::due(connection, now);
                     for (const Schedule &schedule : due)
                         submitOne(connection, schedule, now, work.submitted);
                     return qint64(work.submitted.size());
                 })
        .future();
}

QFuture<Schedule> Schedules::create(Context context, NewSchedule what, protocol::Principal caller)
{
    m_submission.check(what.task, caller);
    const Timestamp now = m_clock.timestamp();
    const std::optional<Timestamp> next = comingOf(what, now);
    return write(std::move(context),
                 [what = std::move(what), caller = std::move(caller), now, next](Connection &connection, Work &) {
                     return schedulestore::create(connection, what, next, caller, now);
                 })
        .future();
}

QFuture<Schedule> Schedules::change(Context context, qint64 id, QJsonObject patch, protocol::Principal caller)
{
    return write(std::move(context),
                 [check = m_submission.check, id, patch = std::move(patch), caller = std::move(caller),
                  now = m_clock.timestamp()](Connection &connection, Work &) {
                     const Schedule before = schedulestore::get(connection, id);
                     const NewSchedule what = orThrow(before.what.changedBy(patch));
                     check(what.task, caller);
                     // A time that is due already stays so, unless another was asked for.
                     const bool isSameTime = what.cron == before.what.cron && what.timeZone == before.what.timeZone
                         && what.isEnabled == before.what.isEnabled;
                     const std::optional<Timestamp> next = comingOf(what, now);
                     return schedulestore::change(connection, id, what, isSameTime ? before.nextAt : next);
                 })
        .future();
}

QFuture<qint64> Schedules::remove(Context context, qint64 id)
{
    return write(std::move(context),
                 [id](Connection &connection, Work &) {
                     schedulestore::remove(connection, id);
                     return id;
                 })
        .future();
}

QFuture<Schedule> Schedules::get(Context context, qint64 id)
{
    return m_pool.read(std::move(context), [id](Connection &connection) { return schedulestore::get(connection, id); })
        .future();
}

QFuture<QList<Schedule>> Schedules::list(Context context)
{
    return m_pool.read(std::move(context), [](Connection &connection) { return schedulestore::all(connection); })
        .future();
}

QList<Schedule> Schedules::known() const
{
    const std::lock_guard lock(m_state->mutex);
    return m_state->all;
}

} // namespace godwit::tasks
