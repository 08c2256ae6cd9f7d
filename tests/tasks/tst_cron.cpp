// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/tasks/cron.h"
#include "tests/support/rounds.h"

#include <QRandomGenerator>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono;
using namespace godwit;
using namespace godwit::tasks;

class tst_Cron : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void comesNext_data();
    void comesNext();
    void isAsTheNaiveModelSays_data();
    void isAsTheNaiveModelSays();
    void neverComes();
    void wrongIsRefused_data();
    void wrongIsRefused();
};

static Timestamp at(const char *text)
{
    return fromRfc3339(QString::fromLatin1(text)).value_or(Timestamp());
}

static const QByteArray berlin = "Europe/Berlin";

void tst_Cron::comesNext_data()
{
    QTest::addColumn<QString>("cron");
    QTest::addColumn<QByteArray>("zone");
    QTest::addColumn<QByteArray>("after");
    QTest::addColumn<QByteArrayList>("times");
    const QByteArray utc = "UTC";
    QTest::newRow("each minute") << u"* * * * *"_s << utc << "2026-11-28T10:00:00.000Z"_ba
                                 << QByteArrayList{ "2026-11-28T10:01:00.000Z", "2026-11-28T10:02:00.000Z" };
    QTest::newRow("strictly after") << u"30 10 * * *"_s << utc << "2026-11-28T10:30:00.000Z"_ba
                                    << QByteArrayList{ "2026-11-29T10:30:00.000Z" };
    QTest::newRow("within a minute") << u"30 10 * * *"_s << utc << "2026-11-28T10:29:59.999Z"_ba
                                     << QByteArrayList{ "2026-11-28T10:30:00.000Z" };
    QTest::newRow("over the year's end") << u"@monthly"_s << utc << "2026-11-28T10:00:00.000Z"_ba
                                         << QByteArrayList{ "2026-12-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z" };
    QTest::newRow("a leap day") << u"0 12 29 2 *"_s << utc << "2026-01-01T00:00:00.000Z"_ba
                                << QByteArrayList{ "2028-02-29T12:00:00.000Z", "2032-02-29T12:00:00.000Z" };
    QTest::newRow("a leap day over a century")
        << u"0 12 29 2 *"_s << utc << "2096-03-01T00:00:00.000Z"_ba << QByteArrayList{ "2104-02-29T12:00:00.000Z" };
    QTest::newRow("a 31st") << u"0 0 31 * *"_s << utc << "2026-01-31T00:00:00.000Z"_ba
                            << QByteArrayList{ "2026-03-31T00:00:00.000Z", "2026-05-31T00:00:00.000Z",
                                               "2026-07-31T00:00:00.000Z", "2026-08-31T00:00:00.000Z" };
    QTest::newRow("a day or a weekday") << u"0 0 13 * fri"_s << utc << "2026-11-01T00:00:00.000Z"_ba
                                        << QByteArrayList{ "2026-11-06T00:00:00.000Z", "2026-11-13T00:00:00.000Z",
                                                           "2026-11-20T00:00:00.000Z", "2026-11-27T00:00:00.000Z",
                                                           "2026-12-04T00:00:00.000Z", "2026-12-11T00:00:00.000Z",
                                                           "2026-12-13T00:00:00.000Z" };
    // As in Vixie cron a step of * is no restriction by itself: both must fit.
    QTest::newRow("steps of days") << u"0 0 */10 * mon"_s << utc << "2026-11-01T00:00:00.000Z"_ba
                                   << QByteArrayList{ "2026-12-21T00:00:00.000Z", "2027-01-11T00:00:00.000Z" };
    QTest::newRow("working hours") << u"*/30 9-10 * * Mon-Fri"_s << utc << "2026-11-27T10:00:00.000Z"_ba
                                   << QByteArrayList{ "2026-11-27T10:30:00.000Z", "2026-11-30T09:00:00.000Z" };
    QTest::newRow("sunday is 7") << u"0 0 * * 5-7"_s << utc << "2026-11-28T00:00:00.000Z"_ba
                                 << QByteArrayList{ "2026-11-29T00:00:00.000Z", "2026-12-04T00:00:00.000Z" };
    QTest::newRow("names and lists") << u"5,1-3/2 0 1 JAN,jul *"_s << utc << "2026-07-01T00:00:30.000Z"_ba
                                     << QByteArrayList{ "2026-07-01T00:01:00.000Z", "2026-07-01T00:03:00.000Z",
                                                        "2026-07-01T00:05:00.000Z", "2027-01-01T00:01:00.000Z" };
    QTest::newRow("a zone") << u"0 3 * * *"_s << "Asia/Kolkata"_ba << "2026-11-28T00:00:00.000Z"_ba
                            << QByteArrayList{ "2026-11-28T21:30:00.000Z" };
    QTest::newRow("left out: at the change")
        << u"30 2 * * *"_s << berlin << "2026-03-28T12:00:00.000Z"_ba
        << QByteArrayList{ "2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z" };
    QTest::newRow("several left out: once") << u"0,30 2 * * *"_s << berlin << "2026-03-28T12:00:00.000Z"_ba
                                            << QByteArrayList{ "2026-03-29T01:00:00.000Z", "2026-03-30T00:00:00.000Z" };
    QTest::newRow("twice: the first") << u"30 2 * * *"_s << berlin << "2026-10-24T12:00:00.000Z"_ba
                                      << QByteArrayList{ "2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z" };
    QTest::newRow("each hour, forward") << u"30 * * * *"_s << berlin << "2026-03-29T00:00:00.000Z"_ba
                                        << QByteArrayList{ "2026-03-29T00:30:00.000Z", "2026-03-29T01:30:00.000Z" };
    QTest::newRow("each hour, back") << u"30 * * * *"_s << berlin << "2026-10-25T00:00:00.000Z"_ba
                                     << QByteArrayList{ "2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z" };
    QTest::newRow("a midnight that there is not")
        << u"@daily"_s << "America/Havana"_ba << "2026-03-07T12:00:00.000Z"_ba
        << QByteArrayList{ "2026-03-08T05:00:00.000Z", "2026-03-09T04:00:00.000Z" };
}

void tst_Cron::comesNext()
{
    QFETCH(QString, cron);
    QFETCH(QByteArray, zone);
    QFETCH(QByteArray, after);
    QFETCH(QByteArrayList, times);
    const auto parsed = Cron::parse(cron);
    QVERIFY2(parsed, parsed ? "" : qPrintable(parsed.error().message()));
    Timestamp last = at(after.constData());
    for (const QByteArray &time : times) {
        const auto next = parsed->next(last, QTimeZone(zone));
        QVERIFY(next);
        QCOMPARE(toRfc3339Bytes(*next), time);
        last = *next;
    }
}

namespace {

/// Minute by minute, with what a clock shows and nothing else.
class NaiveModel
{
public:
    NaiveModel(const Cron &cron, const QByteArray &zone) : m_cron(cron), m_zone(zone) { }

    std::optional<Timestamp> next(Timestamp after, minutes within) const
    {
        const auto from = floor<minutes>(after) + minutes(1);
        for (auto time = from; time < from + within; time += minutes(1)) {
            if (comesAt(time))
                return time;
        }
        return {};
    }

private:
    using Local = local_time<minutes>;

    Local shown(sys_time<minutes> time) const
    {
        const auto utc = QDateTime::fromSecsSinceEpoch(seconds(time.time_since_epoch()).count(), Qt::UTC);
        const QDateTime local = utc.toTimeZone(m_zone);
        return Local(minutes(QDateTime(local.date(), local.time(), Qt::UTC).toSecsSinceEpoch() / 60));
    }
    bool comesAt(sys_time<minutes> time) const
    {
        const Local now = shown(time), before = shown(time - minutes(1));
        if (!m_cron.hasFixedTimes())
            return m_cron.matches(now);
        for (Local leftOut = before + minutes(1); leftOut < now; leftOut += minutes(1)) {
            if (m_cron.matches(leftOut))
                return true;
        }
        if (!m_cron.matches(now))
            return false;
        for (minutes ago(1); ago <= hours(3); ++ago) {
            if (shown(time - ago) >= now)
                return false; // the second time
        }
        return true;
    }

    const Cron &m_cron;
    const QTimeZone m_zone;
};

QString randomField(QRandomGenerator &random, int least, int most)
{
    const auto number = [&] { return random.bounded(least, most + 1); };
    switch (random.bounded(6)) {
    case 0:
        return QString::number(number());
    case 1: {
        const int a = number(), b = number();
        return u"%1-%2"_s.arg(std::min(a, b)).arg(std::max(a, b));
    }
    case 2:
        return u"*/%1"_s.arg(random.bounded(1, most));
    case 3:
        return u"%1,%2"_s.arg(number()).arg(number());
    default:
        return u"*"_s;
    }
}

} // namespace

void tst_Cron::isAsTheNaiveModelSays_data()
{
    QTest::addColumn<QByteArray>("zone");
    QTest::addColumn<QByteArray>("around");
    QTest::newRow("UTC") << "UTC"_ba << "2028-02-28T20:00:00.000Z"_ba;
    QTest::newRow("forward") << berlin << "2026-03-28T22:00:00.000Z"_ba;
    QTest::newRow("back") << berlin << "2026-10-24T22:00:00.000Z"_ba;
    QTest::newRow("half an hour") << "Australia/Lord_Howe"_ba << "2026-04-04T12:00:00.000Z"_ba;
    QTest::newRow("at midnight") << "America/Havana"_ba << "2026-03-07T20:00:00.000Z"_ba;
    QTest::newRow("a day that there was not") << "Pacific/Apia"_ba << "2011-12-29T20:00:00.000Z"_ba;
}

void tst_Cron::isAsTheNaiveModelSays()
{
    QFETCH(QByteArray, zone);
    QFETCH(QByteArray, around);
    const QTimeZone timeZone(zone);
    QVERIFY(timeZone.isValid());
    QRandomGenerator random(20261128);
    for (unsigned i = 0; i < rounds(60); ++i) {
        const QString text = u"%1 %2 %3 %4 %5"_s.arg(randomField(random, 0, 59), randomField(random, 0, 23),
                                                     randomField(random, 1, 31), u"*"_s, randomField(random, 0, 7));
        const auto cron = Cron::parse(text);
        QVERIFY2(cron, qPrintable(text));
        const NaiveModel model(*cron, zone);
        Timestamp last = at(around.constData()) + seconds(random.bounded(3600));
        for (int n = 0; n < 4; ++n) {
            const auto expected = model.next(last, hours(48));
            const auto next = cron->next(last, timeZone);
            const QByteArray where = text.toUtf8() + " after " + toRfc3339Bytes(last);
            if (!expected) {
                QVERIFY2(!next || *next - last >= hours(48), where.constData());
                break;
            }
            QVERIFY2(next, where.constData());
            QVERIFY2(
                *next == *expected,
                qPrintable(QString::fromUtf8(where) + u": "_s + toRfc3339(*next) + u", not "_s + toRfc3339(*expected)));
            last = *next;
        }
    }
}

void tst_Cron::neverComes()
{
    QVERIFY(!Cron::parse(u"0 0 30 2 *"_s)->next(at("2026-01-01T00:00:00.000Z"), QTimeZone::utc()));
    QVERIFY(!Cron::parse(u"0 0 31 4,6,9,11 *"_s)->next(at("2026-01-01T00:00:00.000Z"), QTimeZone(berlin)));
}

void tst_Cron::wrongIsRefused_data()
{
    QTest::addColumn<QString>("text");
    for (const auto *const text : { "",
                                    "* * * *",
                                    "* * * * * *",
                                    "60 * * * *",
                                    "* 24 * * *",
                                    "* * 0 * *",
                                    "* * 32 * *",
                                    "* * * 13 *",
                                    "* * * * 8",
                                    "-1 * * * *",
                                    "+1 * * * *",
                                    "5-1 * * * *",
                                    "*/0 * * * *",
                                    "*/61 * * * *",
                                    "5/10 * * * *",
                                    "1,,2 * * * *",
                                    "1- * * * *",
                                    "a * * * *",
                                    "* * * * funday",
                                    "* * * foo *",
                                    "1-2-3 * * * *",
                                    "*/5/2 * * * *",
                                    "@reboot",
                                    "@fortnightly",
                                    "mon * * * *",
                                    "? * * * *" })
        QTest::newRow(*text ? text : "nothing") << QString::fromLatin1(text);
}

void tst_Cron::wrongIsRefused()
{
    QFETCH(QString, text);
    const auto cron = Cron::parse(text);
    QVERIFY(!cron);
    QCOMPARE(cron.error().code(), Error::Code::InvalidArgument);
}

QTEST_GUILESS_MAIN(tst_Cron)
#include "tst_cron.moc"
