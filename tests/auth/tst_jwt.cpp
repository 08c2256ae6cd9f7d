// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/jwt.h"
#include "server/auth/secrets.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QMessageAuthenticationCode>
#include <QTest>

using namespace godwit;
using namespace godwit::auth;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using protocol::Role;

class tst_Jwt : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void givesBackWhatWasSigned_data();
    void givesBackWhatWasSigned();
    void refusesHeaders_data();
    void refusesHeaders();
    void refusesPayloads_data();
    void refusesPayloads();
    void refusesOtherKeys();
    void isGoodForItsTime_data();
    void isGoodForItsTime();
    void refusesWhatIsCutShort();
    void refusesWhatIsTooLong();
    void refusesOtherForms_data();
    void refusesOtherForms();
    void refusesEachFlippedBit();

private:
    Claims claims() const
    {
        const auto now = std::chrono::floor<std::chrono::seconds>(m_clock.timestamp());
        return { .userId = 4711,
                 .role = Role::Operator,
                 .session = "s3ss10n",
                 .generation = 3,
                 .issuedAt = now,
                 .expiresAt = now + 15min };
    }
    QByteArray token() const { return jwt::sign(claims(), m_keyring.newest()); }
    QJsonObject header() const
    {
        return { { u"alg"_s, u"HS256"_s },
                 { u"typ"_s, u"JWT"_s },
                 { u"kid"_s, QString::fromLatin1(m_keyring.newest().id) } };
    }
    static QJsonObject payload(const Claims &claims)
    {
        const auto seconds = [](Timestamp time) { return qint64(time.time_since_epoch() / 1s); };
        return { { u"iss"_s, u"godwit"_s },
                 { u"sub"_s, QString::number(claims.userId) },
                 { u"role"_s, protocol::toString(claims.role) },
                 { u"sid"_s, QString::fromLatin1(claims.session) },
                 { u"gen"_s, claims.generation },
                 { u"iat"_s, seconds(claims.issuedAt) },
                 { u"exp"_s, seconds(claims.expiresAt) } };
    }
    static QByteArray compact(const QJsonObject &json) { return QJsonDocument(json).toJson(QJsonDocument::Compact); }
    /// Put together by hand, and rightly signed by the newest key.
    QByteArray made(const QByteArray &header, const QByteArray &payload,
                    QCryptographicHash::Algorithm hash = QCryptographicHash::Sha256) const
    {
        const QByteArray message = toBase64Url(header) + '.' + toBase64Url(payload);
        return message + '.' + toBase64Url(QMessageAuthenticationCode::hash(message, m_keyring.newest().secret, hash));
    }
    Result<Claims> verify(const QByteArray &token) const { return jwt::verify(token, m_keyring, m_clock.timestamp()); }
    /// Null if it is refused as it has to be; otherwise what is wrong with that.
    QString notRefused(const QByteArray &token, const QString &why = {}) const
    {
        const auto found = verify(token);
        if (found)
            return u"was accepted"_s;
        if (found.error().code() != Error::Code::Unauthenticated)
            return u"is not Unauthenticated"_s;
        const QString message = found.error().message();
        if (!why.isNull() && !message.contains(why))
            return u"says: "_s + message;
        for (const auto &secret : { u"4711"_s, u"s3ss10n"_s, QString::fromLatin1(m_keyring.newest().id) }) {
            if (message.contains(secret))
                return u"tells its content: "_s + message;
        }
        return {};
    }

    ManualClock m_clock;
    Keyring m_keyring{ {}, m_clock };
};

void tst_Jwt::givesBackWhatWasSigned_data()
{
    QTest::addColumn<qint64>("user");
    QTest::addColumn<Role>("role");
    QTest::addColumn<qint64>("generation");
    QTest::newRow("viewer") << qint64(1) << Role::Viewer << qint64(1);
    QTest::newRow("member, of a program") << qint64(2) << Role::Member << qint64(0);
    QTest::newRow("operator") << qint64(3) << Role::Operator << qint64(7);
    QTest::newRow("admin, large numbers") << std::numeric_limits<qint64>::max() << Role::Admin << (qint64(1) << 53);
}

void tst_Jwt::givesBackWhatWasSigned()
{
    QFETCH(qint64, user);
    QFETCH(Role, role);
    QFETCH(qint64, generation);
    Claims signedOnes = claims();
    signedOnes.userId = user;
    signedOnes.role = role;
    signedOnes.generation = generation;
    const QByteArray token = jwt::sign(signedOnes, m_keyring.newest());
    QVERIFY(token.size() < jwt::longestToken);
    const auto found = verify(token);
    QVERIFY2(found, found ? "" : qPrintable(found.error().message()));
    QVERIFY(*found == signedOnes);
    // And as another implementation reads and writes it.
    const auto parts = token.split('.');
    QCOMPARE(QJsonDocument::fromJson(fromBase64Url(parts[0])).object(), header());
    const auto foreign = verify(made(compact(header()), compact(payload(signedOnes))));
    QVERIFY2(foreign, foreign ? "" : qPrintable(foreign.error().message()));
    QVERIFY(*foreign == signedOnes);
}

void tst_Jwt::refusesHeaders_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QString>("why");
    const QString algorithm = u"algorithm is not accepted"_s;
    const auto with = [this](const QString &name, const QJsonValue &value) {
        QJsonObject json = header();
        json.insert(name, value);
        return compact(json);
    };
    for (const auto *name : { "none", "None", "NONE", "hs256", "HS384", "HS512", "RS256", "ES256", "PS256", "" })
        QTest::addRow("alg \"%s\"", name) << with(u"alg"_s, QString::fromLatin1(name)) << algorithm;
    QTest::newRow("alg of another type") << with(u"alg"_s, 256) << algorithm;
    QTest::newRow("alg in an array") << with(u"alg"_s, QJsonArray{ u"HS256"_s }) << algorithm;
    QTest::newRow("no alg") << with(u"alg"_s, QJsonValue::Undefined) << algorithm;
    QTest::newRow("alg twice")
        << QByteArray(compact(header())).replace("{", R"({"alg":"none",)").replace("HS256", "none") << algorithm;
    QTest::newRow("kid unknown") << with(u"kid"_s, u"0011223344556677"_s) << u"key is not known"_s;
    QTest::newRow("kid a path") << with(u"kid"_s, u"../../dev/null"_s) << u"key is not known"_s;
    QTest::newRow("kid empty") << with(u"kid"_s, QString()) << u"key is not known"_s;
    QTest::newRow("no kid") << with(u"kid"_s, QJsonValue::Undefined) << u"key is not known"_s;
    QTest::newRow("crit") << with(u"crit"_s, QJsonArray{ u"exp"_s }) << u"unknown kind"_s;
    QTest::newRow("typ of another kind") << with(u"typ"_s, u"dpop+jwt"_s) << u"unknown kind"_s;
    QTest::newRow("empty object") << QByteArray("{}") << u"malformed"_s;
    QTest::newRow("an array") << QByteArray("[\"HS256\"]") << u"malformed"_s;
    QTest::newRow("no JSON") << QByteArray("HS256") << u"malformed"_s;
}

/// The signature is right by the only key there is: what refuses is the header.
void tst_Jwt::refusesHeaders()
{
    QFETCH(QByteArray, header);
    QFETCH(QString, why);
    const QByteArray body = compact(payload(claims()));
    QCOMPARE(notRefused(made(header, body), why), QString());
    // By the hash that HS512 would have, and without a signature.
    QVERIFY(notRefused(made(header, body, QCryptographicHash::Sha512)).isNull());
    const QByteArray token = made(header, body);
    QVERIFY(notRefused(token.first(token.lastIndexOf('.') + 1), u"malformed"_s).isNull());
}

void tst_Jwt::refusesPayloads_data()
{
    QTest::addColumn<QByteArray>("payload");
    const auto with = [this](const QString &name, const QJsonValue &value) {
        QJsonObject json = payload(claims());
        json.insert(name, value);
        return compact(json);
    };
    for (const auto *name : { "iss", "sub", "role", "sid", "gen", "iat", "exp" })
        QTest::addRow("no %s", name) << with(QString::fromLatin1(name), QJsonValue::Undefined);
    QTest::newRow("iss of another") << with(u"iss"_s, u"goodwit"_s);
    QTest::newRow("sub no number") << with(u"sub"_s, u"admin"_s);
    QTest::newRow("sub a number") << with(u"sub"_s, 4711);
    QTest::newRow("role unknown") << with(u"role"_s, u"root"_s);
    QTest::newRow("exp a string") << with(u"exp"_s, u"9999999999"_s);
    QTest::newRow("exp too large") << with(u"exp"_s, 1e300);
    QTest::newRow("iat a fraction") << with(u"iat"_s, 0.5);
    QTest::newRow("empty object") << QByteArray("{}");
    QTest::newRow("an array") << QByteArray("[1]");
    QTest::newRow("no JSON") << QByteArray("\xff\xfe");
}

void tst_Jwt::refusesPayloads()
{
    QFETCH(QByteArray, payload);
    QCOMPARE(notRefused(made(compact(header()), payload)), QString());
}

void tst_Jwt::refusesOtherKeys()
{
    SigningKey other{ .id = m_keyring.newest().id, .secret = randomBytes(32) };
    QCOMPARE(notRefused(jwt::sign(claims(), other), u"signature is wrong"_s), QString());
    const Keyring another({}, m_clock);
    QCOMPARE(notRefused(jwt::sign(claims(), another.newest()), u"key is not known"_s), QString());
    // Two keys that are both ours, but not of each other.
    Keyring rotated({}, m_clock);
    const SigningKey first = rotated.newest();
    rotated.rotate();
    const SigningKey mixed{ .id = first.id, .secret = rotated.newest().secret };
    QVERIFY(jwt::verify(jwt::sign(claims(), first), rotated, m_clock.timestamp()));
    QVERIFY(!jwt::verify(jwt::sign(claims(), mixed), rotated, m_clock.timestamp()));
}

void tst_Jwt::isGoodForItsTime_data()
{
    using ms = std::chrono::milliseconds;
    QTest::addColumn<ms>("issued"); // as of now
    QTest::addColumn<ms>("expires");
    QTest::addColumn<QString>("why");
    QTest::newRow("now") << ms(0s) << ms(1s) << QString();
    QTest::newRow("expires this moment") << ms(-10s) << ms(0s) << u"has expired"_s;
    QTest::newRow("expired a second ago") << ms(-10s) << ms(-1s) << u"has expired"_s;
    QTest::newRow("expired long ago") << ms(-48h) << ms(-24h) << u"has expired"_s;
    QTest::newRow("of a clock set back") << ms(60s) << ms(120s) << QString();
    QTest::newRow("of the future") << ms(61s) << ms(120s) << u"of the future"_s;
}

void tst_Jwt::isGoodForItsTime()
{
    QFETCH(std::chrono::milliseconds, issued);
    QFETCH(std::chrono::milliseconds, expires);
    QFETCH(QString, why);
    Claims timed = claims();
    timed.issuedAt = m_clock.timestamp() + issued;
    timed.expiresAt = m_clock.timestamp() + expires;
    const QByteArray token = jwt::sign(timed, m_keyring.newest());
    if (why.isNull())
        QVERIFY(verify(token));
    else
        QCOMPARE(notRefused(token, why), QString());
}

void tst_Jwt::refusesWhatIsCutShort()
{
    const QByteArray whole = token();
    QVERIFY(verify(whole));
    for (qsizetype size = 0; size < whole.size(); ++size)
        QVERIFY2(notRefused(whole.first(size)).isNull(), QByteArray::number(size).constData());
    for (qsizetype size = 1; size < whole.size(); ++size)
        QVERIFY2(notRefused(whole.sliced(size)).isNull(), QByteArray::number(size).constData());
}

void tst_Jwt::refusesWhatIsTooLong()
{
    // Grows by one to three bytes a step, so that both sides of the bound are met.
    QJsonObject json = payload(claims());
    bool wasBelow = false, wasAbove = false;
    for (int size = 1; size < 1600; ++size) {
        json.insert(u"x"_s, QString(size, u'x'));
        const QByteArray token = made(compact(header()), compact(json));
        if (token.size() > jwt::longestToken) {
            wasAbove = true;
            QCOMPARE(notRefused(token, u"malformed"_s), QString());
        } else if (token.size() > jwt::longestToken - 4) {
            wasBelow = true;
            QVERIFY(verify(token));
        }
    }
    QVERIFY(wasBelow && wasAbove);
    QCOMPARE(notRefused(QByteArray(1 << 20, 'A'), u"malformed"_s), QString());
}

void tst_Jwt::refusesOtherForms_data()
{
    QTest::addColumn<QByteArray>("form"); // with the token's parts for H, P and S
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("dots") << QByteArray("..");
    QTest::newRow("two parts") << QByteArray("H.P");
    QTest::newRow("four parts") << QByteArray("H.P.S.S");
    QTest::newRow("dot in front") << QByteArray(".H.P.S");
    QTest::newRow("dot behind") << QByteArray("H.P.S.");
    QTest::newRow("no signature") << QByteArray("H.P.");
    QTest::newRow("no payload") << QByteArray("H..S");
    QTest::newRow("no header") << QByteArray(".P.S");
    QTest::newRow("other order") << QByteArray("P.H.S");
    QTest::newRow("padding") << QByteArray("H.P.S=");
    QTest::newRow("space in front") << QByteArray(" H.P.S");
    QTest::newRow("newline behind") << QByteArray("H.P.S\n");
    QTest::newRow("null byte behind") << QByteArray("H.P.S\0", 6);
    QTest::newRow("null byte and more") << QByteArray("H.P.S\0x", 7);
    QTest::newRow("not ASCII") << QByteArray("H.P.S\xc3\xa9");
    QTest::newRow("signature twice") << QByteArray("H.P.SS");
}

void tst_Jwt::refusesOtherForms()
{
    QFETCH(QByteArray, form);
    const auto parts = token().split('.');
    QByteArray token;
    for (const char c : std::as_const(form)) {
        const auto part = QByteArrayView("HPS").indexOf(c);
        token += part < 0 ? QByteArray(1, c) : parts[part];
    }
    QCOMPARE(notRefused(token), QString());
}

void tst_Jwt::refusesEachFlippedBit()
{
    const QByteArray whole = token();
    QVERIFY(verify(whole));
    for (qsizetype at = 0; at < whole.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            QByteArray flipped = whole;
            flipped[at] = char(uchar(flipped[at]) ^ (1U << unsigned(bit)));
            const QString wrong = notRefused(flipped);
            QVERIFY2(wrong.isNull(), qPrintable(u"bit %1 of byte %2 %3"_s.arg(bit).arg(at).arg(wrong)));
        }
    }
    // The unused bits of the last letter decode to the same bytes, and are not the same token.
    const QByteArrayView letters("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    for (const char letter : letters) {
        QByteArray other = whole;
        other.back() = letter;
        QCOMPARE(bool(verify(other)), other == whole);
    }
}

QTEST_GUILESS_MAIN(tst_Jwt)
#include "tst_jwt.moc"
