// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/alertmachine.h"

#include <QTest>

using namespace godwit;
using namespace godwit::sensors;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

using State = AlertMachine::State;
using Condition = AlertRule::Condition;

/// At that time the value, or nothing (`silence` says for how long), and where the rule stands then.
struct Moment
{
    std::chrono::milliseconds at;
    std::optional<double> value;
    State state;
    std::chrono::milliseconds silence = 0ms;
};
Q_DECLARE_METATYPE(std::vector<Moment>)

class tst_AlertMachine : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void followsTheTable_data();
    void followsTheTable();
    void readsRules_data();
    void readsRules();
};

void tst_AlertMachine::followsTheTable_data()
{
    QTest::addColumn<AlertRule>("rule");
    QTest::addColumn<std::vector<Moment>>("moments");
    const std::optional<double> nothing;
    const auto above = [](std::chrono::milliseconds holdFor, double hysteresis) {
        return AlertRule{
            .condition = Condition::Above, .threshold = 30, .hysteresis = hysteresis, .holdFor = holdFor
        };
    };
    QTest::newRow("at once") << above(0s, 0)
                             << std::vector<Moment>{ { 0s, 30, State::Ok },
                                                     { 1s, 30.1, State::Firing },
                                                     { 2s, 30.1, State::Firing },
                                                     { 3s, 30, State::Resolved },
                                                     { 4s, 31, State::Firing } };
    QTest::newRow("held") << above(10s, 0)
                          << std::vector<Moment>{ { 0s, 31, State::Pending },  { 9'999ms, 31, State::Pending },
                                                  { 10s, 31, State::Firing },  { 11s, 29, State::Resolved },
                                                  { 12s, 31, State::Pending }, { 13s, 29, State::Resolved },
                                                  { 14s, 31, State::Pending }, { 24s, 31, State::Firing } };
    QTest::newRow("not for long enough") << above(10s, 0)
                                         << std::vector<Moment>{ { 0s, 31, State::Pending },
                                                                 { 5s, 30, State::Ok },
                                                                 { 6s, 31, State::Pending },
                                                                 { 15s, 31, State::Pending },
                                                                 { 16s, 31, State::Firing } };
    QTest::newRow("hysteresis") << above(0s, 2)
                                << std::vector<Moment>{ { 0s, 31, State::Firing },   { 1s, 29, State::Firing },
                                                        { 2s, 28.1, State::Firing }, { 3s, 28, State::Resolved },
                                                        { 4s, 30, State::Resolved }, { 5s, 30.5, State::Firing } };
    QTest::newRow("below") << AlertRule{ .condition = Condition::Below, .threshold = 5, .hysteresis = 1 }
                           << std::vector<Moment>{ { 0s, 5, State::Ok },
                                                   { 1s, 4.9, State::Firing },
                                                   { 2s, 5.9, State::Firing },
                                                   { 3s, 6, State::Resolved } };
    QTest::newRow("silence begins and ends nothing")
        << above(10s, 0) << std::vector<Moment>{ { 0s, 31, State::Pending },           { 5s, nothing, State::Ok, 61s },
                                                 { 20s, 31, State::Pending },          { 30s, 31, State::Firing },
                                                 { 99s, nothing, State::Firing, 61s }, { 100s, 20, State::Resolved } };
    QTest::newRow("no data") << AlertRule{
        .condition = Condition::NoData, .holdFor = 30s
    } << std::vector<Moment>{ { 0s, 1, State::Ok, 0s },        { 29s, 1, State::Ok, 29'999ms },
                              { 30s, 1, State::Firing, 30s },  { 90s, nothing, State::Firing, 90s },
                              { 91s, 1, State::Resolved, 0s }, { 92s, 1, State::Resolved, 1s },
                              { 130s, 1, State::Firing, 39s } };
}

void tst_AlertMachine::followsTheTable()
{
    QFETCH(AlertRule, rule);
    QFETCH(std::vector<Moment>, moments);
    AlertMachine machine(rule);
    const TimePoint start{ 1h };
    for (const Moment &moment : moments) {
        const State state = machine.step({ .value = moment.value, .silence = moment.silence }, start + moment.at);
        QVERIFY2(state == moment.state, qPrintable(u"%1 ms: %2"_s.arg(moment.at.count()).arg(toString(state))));
    }
}

void tst_AlertMachine::readsRules_data()
{
    QTest::addColumn<QString>("member");
    QTest::addColumn<QJsonValue>("value"); // undefined: left out
    QTest::addColumn<QString>("wrong"); // empty: nothing is
    QTest::newRow("good") << u"for"_s << QJsonValue(2.5) << QString();
    QTest::newRow("no name") << u"name"_s << QJsonValue(u""_s) << u"\"name\""_s;
    QTest::newRow("series") << u"series"_s << QJsonValue(u"Living Room"_s) << u"\"series\""_s;
    QTest::newRow("condition") << u"condition"_s << QJsonValue(u"equal"_s) << u"\"condition\""_s;
    QTest::newRow("no threshold") << u"threshold"_s << QJsonValue(QJsonValue::Undefined) << u"\"threshold\""_s;
    QTest::newRow("threshold") << u"threshold"_s << QJsonValue(u"30"_s) << u"\"threshold\""_s;
    QTest::newRow("hysteresis") << u"hysteresis"_s << QJsonValue(-1) << u"\"hysteresis\""_s;
    QTest::newRow("for") << u"for"_s << QJsonValue(-1) << u"\"for\""_s;
    QTest::newRow("too long") << u"for"_s << QJsonValue(1e9) << u"\"for\""_s;
}

void tst_AlertMachine::readsRules()
{
    QFETCH(QString, member);
    QFETCH(QJsonValue, value);
    QFETCH(QString, wrong);
    QJsonObject json{ { u"name"_s, u"too warm"_s },
                      { u"series"_s, u"temperature"_s },
                      { u"condition"_s, u"above"_s },
                      { u"threshold"_s, 30 },
                      { u"hysteresis"_s, 1 } };
    json.insert(member, value); // undefined removes it
    const auto rule = AlertRule::fromJson(json);
    QCOMPARE(rule.has_value(), wrong.isEmpty());
    if (rule)
        QCOMPARE(rule->holdFor, 2'500ms);
    else
        QVERIFY2(rule.error().message().contains(wrong), qPrintable(rule.error().message()));
}

QTEST_APPLESS_MAIN(tst_AlertMachine)
#include "tst_alertmachine.moc"
