// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/core/jsonreader.h"

#include <QtTest>

using namespace godwit;
using namespace Qt::StringLiterals;

class tst_JsonReader : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsValues();
    void fallsBackWhereAllowed();
    void namesWhatIsWrong_data();
    void namesWhatIsWrong();
    void namesAPlaceWithin();
    void keepsTheFirstFailure();
    void bodiesHaveNothingElse();
    void objectsAreParsed_data();
    void objectsAreParsed();
};

static QJsonObject object(const char *json)
{
    return orThrow(parseJsonObject(json));
}

void tst_JsonReader::readsValues()
{
    JsonReader reader(object(R"({"s": "ä", "i": -3, "big": 9007199254740992, "whole": 1e3, "n": 0.5, "b": true,
                                 "o": {"x": 1}, "a": [1, 2]})"));
    QCOMPARE(reader.string("s"_L1), u"ä"_s);
    QCOMPARE(reader.integer("i"_L1), -3);
    QCOMPARE(reader.integer("big"_L1), 9007199254740992);
    QCOMPARE(reader.integer("whole"_L1), 1000);
    QCOMPARE(reader.number("n"_L1), 0.5);
    QCOMPARE(reader.number("i"_L1), -3.0);
    QCOMPARE(reader.boolean("b"_L1), true);
    QCOMPARE(reader.object("o"_L1).size(), 1);
    QCOMPARE(reader.array("a"_L1).size(), 2);
    QVERIFY(reader.has("s"_L1) && !reader.has("t"_L1));
    const auto result = reader.finish(42);
    QVERIFY(result);
    QCOMPARE(*result, 42);
}

void tst_JsonReader::fallsBackWhereAllowed()
{
    JsonReader reader(QJsonObject{});
    QCOMPARE(reader.string("s"_L1, u"x"_s), u"x"_s);
    QCOMPARE(reader.integer("i"_L1, 7), 7);
    QCOMPARE(reader.number("n"_L1, 0.5), 0.5);
    QCOMPARE(reader.boolean("b"_L1, true), true);
    QCOMPARE(reader.object("o"_L1, QJsonObject{ { u"x"_s, 1 } }).size(), 1);
    QCOMPARE(reader.array("a"_L1, QJsonArray{}).size(), 0);
    QVERIFY(reader.finish(0));
}

void tst_JsonReader::namesWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("message");
    QTest::newRow("missing") << "{}"_ba << u"string"_s << u"\"x\" is missing: expected a string"_s;
    QTest::newRow("number for string") << R"({"x": 1})"_ba << u"string"_s << u"\"x\" must be a string"_s;
    QTest::newRow("null for string") << R"({"x": null})"_ba << u"string"_s << u"\"x\" must be a string"_s;
    QTest::newRow("half for integer") << R"({"x": 1.5})"_ba << u"integer"_s << u"\"x\" must be a whole number"_s;
    QTest::newRow("text for integer") << R"({"x": "1"})"_ba << u"integer"_s << u"\"x\" must be a whole number"_s;
    QTest::newRow("beyond exactness") << R"({"x": 1e16})"_ba << u"integer"_s << u"\"x\" must be a whole number"_s;
    QTest::newRow("bool for number") << R"({"x": true})"_ba << u"number"_s << u"\"x\" must be a number"_s;
    QTest::newRow("number for bool") << R"({"x": 0})"_ba << u"boolean"_s << u"\"x\" must be true or false"_s;
    QTest::newRow("array for object") << R"({"x": []})"_ba << u"object"_s << u"\"x\" must be an object"_s;
    QTest::newRow("object for array") << R"({"x": {}})"_ba << u"array"_s << u"\"x\" must be an array"_s;
    QTest::newRow("NUL in a text") << R"({"x": "a\u0000b"})"_ba << u"text"_s << u"\"x\" must not contain U+0000"_s;
    QTest::newRow("half a pair in a text")
        << R"({"x": "a\ud800b"})"_ba << u"text"_s << u"\"x\" must not contain half of a surrogate pair"_s;
    QTest::newRow("number for text") << R"({"x": 1})"_ba << u"text"_s << u"\"x\" must be a string"_s;
    QTest::newRow("wrong in spite of a fallback") << R"({"x": 1})"_ba << u"fallback"_s << u"\"x\" must be a string"_s;
}

void tst_JsonReader::namesWhatIsWrong()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, kind);
    QFETCH(QString, message);
    JsonReader reader(object(json.constData()));
    if (kind == u"string"_s)
        reader.string("x"_L1);
    else if (kind == u"text"_s)
        reader.text("x"_L1);
    else if (kind == u"integer"_s)
        reader.integer("x"_L1);
    else if (kind == u"number"_s)
        reader.number("x"_L1);
    else if (kind == u"boolean"_s)
        reader.boolean("x"_L1);
    else if (kind == u"object"_s)
        reader.object("x"_L1);
    else if (kind == u"array"_s)
        reader.array("x"_L1);
    else
        reader.string("x"_L1, u"y"_s);
    const auto result = reader.finish(0);
    QVERIFY(!result);
    QCOMPARE(result.error().code(), Error::Code::FailedValidation);
    QCOMPARE(result.error().message(), message);
}

void tst_JsonReader::namesAPlaceWithin()
{
    for (const auto &[what, message] :
         { std::pair(u"must not be"_s, u"\"x\" must not be"_s), std::pair(u"[3]: is none"_s, u"\"x\"[3]: is none"_s),
           std::pair(u": is none"_s, u"\"x\": is none"_s) }) {
        JsonReader reader(QJsonObject{});
        reader.fail("x"_L1, what);
        QCOMPARE(reader.finish(0).error().message(), message);
    }
}

void tst_JsonReader::keepsTheFirstFailure()
{
    JsonReader reader(QJsonObject{});
    reader.fail("first"_L1, u"must not be empty"_s);
    reader.string("second"_L1);
    QCOMPARE(reader.finish(0).error().message(), u"\"first\" must not be empty"_s);
}

void tst_JsonReader::bodiesHaveNothingElse()
{
    const auto read = [](const char *json) {
        JsonReader reader(object(json));
        reader.string("name"_L1);
        if (reader.isGiven("size"_L1))
            reader.integer("size"_L1);
        return reader.finishBody(true);
    };
    QVERIFY(read(R"({"name": "a"})"));
    QVERIFY(read(R"({"name": "a", "size": null})"));
    const auto refused = read(R"({"name": "a", "sice": 1})");
    QCOMPARE(refused.error().code(), Error::Code::FailedValidation);
    QCOMPARE(refused.error().message(), u"\"sice\" is not known here, where there may be name, size"_s);
    QCOMPARE(read(R"({"name2": "a"})").error().message(), u"\"name\" is missing: expected a string"_s);
    JsonReader empty(object(R"({"a": 1})"));
    QCOMPARE(empty.finishBody(true).error().message(), u"\"a\" is not known here, where there may be no members"_s);
    JsonReader tolerant(object(R"({"a": 1})"));
    QVERIFY(tolerant.finish(true));
}

void tst_JsonReader::objectsAreParsed_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<bool>("good");
    QTest::newRow("object") << R"({"a": 1})"_ba << true;
    QTest::newRow("spaces") << " \n{} "_ba << true;
    QTest::newRow("empty") << QByteArray() << false;
    QTest::newRow("array") << "[1]"_ba << false;
    QTest::newRow("scalar") << "1"_ba << false;
    QTest::newRow("cut") << R"({"a": )"_ba << false;
    QTest::newRow("behind") << "{} x"_ba << false;
    QTest::newRow("not UTF-8") << QByteArray("{\"a\": \"\xff\"}") << false;
    QTest::newRow("too deep") << QByteArray(2000, '[') << false;
}

void tst_JsonReader::objectsAreParsed()
{
    QFETCH(QByteArray, json);
    QFETCH(bool, good);
    const auto result = parseJsonObject(json);
    QCOMPARE(result.has_value(), good);
    if (!good)
        QCOMPARE(result.error().code(), Error::Code::InvalidArgument);
}

QTEST_GUILESS_MAIN(tst_JsonReader)
#include "tst_jsonreader.moc"
