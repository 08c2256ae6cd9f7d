// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/outbound/addresspolicy.h"
#include "server/outbound/target.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::outbound;

class tst_AddressPolicy : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void addressesAreClassified_data();
    void addressesAreClassified();
    void onlyPublicAddressesAreAdmitted();
    void whatTheConfigurationNamesIsAdmitted_data();
    void whatTheConfigurationNamesIsAdmitted();
    void aWrongEntryIsNamed();
    void theRefusalSaysHowToAllow();
    void urlsAreTakenApart_data();
    void urlsAreTakenApart();
    void wrongUrlsAreRefused_data();
    void wrongUrlsAreRefused();
    void oddSpellingsDoNotGetThrough_data();
    void oddSpellingsDoNotGetThrough();
};

void tst_AddressPolicy::addressesAreClassified_data()
{
    QTest::addColumn<QString>("kind");
    const auto rows = [](const QString &kind, const QStringList &addresses) {
        for (const QString &address : addresses)
            QTest::newRow(qPrintable(address)) << kind;
    };
    rows(u"public"_s,
         { u"1.1.1.1"_s, u"9.255.255.255"_s, u"11.0.0.0"_s, u"100.63.255.255"_s, u"100.128.0.0"_s, u"126.255.255.255"_s,
           u"128.0.0.0"_s, u"169.253.255.255"_s, u"169.255.0.0"_s, u"172.15.255.255"_s, u"172.32.0.0"_s, u"192.0.1.0"_s,
           u"192.167.255.255"_s, u"192.169.0.0"_s, u"198.17.255.255"_s, u"198.20.0.0"_s, u"223.255.255.255"_s });
    rows(u"unspecified"_s, { u"0.0.0.0"_s, u"0.255.255.255"_s, u"::"_s, u"::ffff:0.0.0.0"_s });
    rows(u"loopback"_s,
         { u"127.0.0.1"_s, u"127.255.255.255"_s, u"::1"_s, u"::ffff:127.0.0.1"_s, u"::127.0.0.1"_s,
           u"::ffff:0:127.0.0.1"_s, u"64:ff9b::127.0.0.1"_s, u"2002:7f00:1::"_s, u"2001:470::5efe:127.0.0.1"_s,
           u"2001:470::200:5efe:127.0.0.1"_s });
    rows(u"private"_s,
         { u"10.0.0.0"_s, u"10.255.255.255"_s, u"172.16.0.0"_s, u"172.31.255.255"_s, u"192.168.0.0"_s,
           u"192.168.255.255"_s, u"::ffff:10.1.2.3"_s, u"64:ff9b::192.168.1.1"_s, u"2002:a00:1::1"_s, u"::10.0.0.1"_s,
           u"fec0::1"_s });
    rows(u"link-local"_s,
         { u"169.254.0.0"_s, u"169.254.169.254"_s, u"fe80::1"_s, u"febf:ffff::1"_s, u"::ffff:169.254.169.254"_s,
           u"2002:a9fe:a9fe::"_s });
    rows(u"unique-local"_s, { u"fc00::1"_s, u"fdff:ffff::1"_s, u"fd00:ec2::254"_s });
    rows(u"shared"_s, { u"100.64.0.0"_s, u"100.127.255.255"_s, u"::ffff:100.64.0.1"_s });
    rows(u"multicast"_s, { u"224.0.0.1"_s, u"239.255.255.255"_s, u"ff02::1"_s, u"ff00::"_s });
    rows(u"broadcast"_s, { u"255.255.255.255"_s, u"::ffff:255.255.255.255"_s });
    rows(u"documentation"_s,
         { u"192.0.2.1"_s, u"198.51.100.1"_s, u"203.0.113.255"_s, u"2001:db8::1"_s, u"3fff::1"_s, u"3fff:fff::1"_s });
    rows(u"reserved"_s,
         { u"192.0.0.1"_s, u"192.88.99.1"_s, u"198.18.0.0"_s, u"198.19.255.255"_s, u"240.0.0.0"_s, u"255.255.255.254"_s,
           u"100::1"_s, u"64:ff9b:1::1"_s, u"2001::1"_s, u"2001:1ff::1"_s, u"4000::1"_s, u"1fff::1"_s });
    rows(u"public"_s,
         { u"2606:4700:4700::1111"_s, u"2001:4860:4860::8888"_s, u"2001:200::1"_s, u"::ffff:1.1.1.1"_s,
           u"64:ff9b::1.1.1.1"_s, u"2002:101:101::"_s, u"2a00::1"_s, u"3ffe:ffff::1"_s, u"3fff:1000::1"_s });
}

void tst_AddressPolicy::addressesAreClassified()
{
    QFETCH(QString, kind);
    const QHostAddress address(QString::fromLatin1(QTest::currentDataTag()));
    QVERIFY(!address.isNull());
    QCOMPARE(toString(classify(address)), kind);
}

void tst_AddressPolicy::onlyPublicAddressesAreAdmitted()
{
    const QHostAddress there(u"1.1.1.1"_s), here(u"127.0.0.1"_s);
    const AddressPolicy policy;
    QCOMPARE(policy.admit(u"a.example"_s, { here, there }).value(), QList{ there });
    QCOMPARE(policy.admit(u"a.example"_s, { here }).error().code(), Error::Code::PermissionDenied);
    QCOMPARE(policy.admit(u"a.example"_s, { QHostAddress() }).error().code(), Error::Code::PermissionDenied);
    QCOMPARE(policy.admit(u"a.example"_s, {}).error().code(), Error::Code::NotFound);
}

void tst_AddressPolicy::whatTheConfigurationNamesIsAdmitted_data()
{
    QTest::addColumn<QStringList>("allow");
    QTest::addColumn<QString>("host");
    QTest::addColumn<QString>("address");
    QTest::addColumn<bool>("isAdmitted");
    QTest::newRow("network") << QStringList{ u"10.0.0.0/8"_s } << u"a"_s << u"10.9.8.7"_s << true;
    QTest::newRow("another network") << QStringList{ u"10.0.0.0/8"_s } << u"a"_s << u"192.168.0.1"_s << false;
    QTest::newRow("one address") << QStringList{ u"127.0.0.1"_s } << u"a"_s << u"127.0.0.1"_s << true;
    QTest::newRow("its neighbour") << QStringList{ u"127.0.0.1"_s } << u"a"_s << u"127.0.0.2"_s << false;
    QTest::newRow("mapped") << QStringList{ u"127.0.0.1"_s } << u"a"_s << u"::ffff:127.0.0.1"_s << true;
    QTest::newRow("6to4 is not the same") << QStringList{ u"127.0.0.1"_s } << u"a"_s << u"2002:7f00:1::"_s << false;
    QTest::newRow("IPv6") << QStringList{ u"fd00::/8"_s } << u"a"_s << u"fd12::1"_s << true;
    QTest::newRow("all of IPv4") << QStringList{ u"0.0.0.0/0"_s } << u"a"_s << u"169.254.169.254"_s << true;
    QTest::newRow("which is not IPv6") << QStringList{ u"0.0.0.0/0"_s } << u"a"_s << u"::1"_s << false;
    QTest::newRow("all of IPv6") << QStringList{ u"::/0"_s } << u"a"_s << u"::1"_s << true;
    QTest::newRow("host") << QStringList{ u"Build.Example"_s } << u"build.example"_s << u"10.0.0.1"_s << true;
    QTest::newRow("not below it") << QStringList{ u"build.example"_s } << u"a.build.example"_s << u"10.0.0.1"_s
                                  << false;
    QTest::newRow("IDN") << QStringList{ u"b\u00fccher.example"_s } << u"xn--bcher-kva.example"_s << u"10.0.0.1"_s
                         << true;
    QTest::newRow("of several") << QStringList{ u"10.0.0.0/8"_s, u"c.example"_s, u"::1"_s } << u"a"_s << u"::1"_s
                                << true;
}

void tst_AddressPolicy::whatTheConfigurationNamesIsAdmitted()
{
    QFETCH(QStringList, allow);
    QFETCH(QString, host);
    QFETCH(QString, address);
    const auto policy = AddressPolicy::parse(allow);
    QVERIFY(policy);
    QTEST(policy->admit(host, { QHostAddress(address) }).has_value(), "isAdmitted");
}

void tst_AddressPolicy::aWrongEntryIsNamed()
{
    for (const QString &entry : { u"10.0.0.0/33"_s, u"a b"_s, u"http://a"_s, u""_s, u"10.0.0.0/x"_s, u"[::1]"_s }) {
        const auto policy = AddressPolicy::parse({ u"10.0.0.0/8"_s, entry });
        QVERIFY2(!policy, qPrintable(entry));
        QVERIFY2(policy.error().message().contains(u'"' + entry + u'"'), qPrintable(policy.error().message()));
    }
}

void tst_AddressPolicy::theRefusalSaysHowToAllow()
{
    const QString named = AddressPolicy().admit(u"a.example"_s, { QHostAddress(u"10.0.0.1"_s) }).error().message();
    QVERIFY2(named.startsWith(u"a.example (10.0.0.1) is a private address"_s), qPrintable(named));
    QVERIFY2(named.contains(u"[outbound] allow"_s), qPrintable(named));
    const QString literal = AddressPolicy().admit(u"::1"_s, { QHostAddress(u"::1"_s) }).error().message();
    QVERIFY2(literal.startsWith(u"::1 is a loopback address"_s), qPrintable(literal));
}

void tst_AddressPolicy::urlsAreTakenApart_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QString>("certificate");
    QTest::addColumn<QString>("there");
    QTest::newRow("http://example.com/a?b=c#d")
        << u"example.com:80"_s << "example.com"_ba << u"example.com"_s << u"http://9.9.9.9/a?b=c"_s;
    QTest::newRow("https://Example.COM") << u"example.com:443"_s << "example.com"_ba << u"example.com"_s
                                         << u"https://9.9.9.9"_s;
    QTest::newRow("https://example.com.:8443/")
        << u"example.com:8443"_s << "example.com:8443"_ba << u"example.com"_s << u"https://9.9.9.9:8443/"_s;
    QTest::newRow("http://example.com:80/")
        << u"example.com:80"_s << "example.com"_ba << u"example.com"_s << u"http://9.9.9.9:80/"_s;
    QTest::newRow("http://[2A00::1]:81/")
        << u"[2a00::1]:81"_s << "[2a00::1]:81"_ba << QString() << u"http://9.9.9.9:81/"_s;
    QTest::newRow("http://b\xc3\xbc"
                  "cher.example/")
        << u"xn--bcher-kva.example:80"_s << "xn--bcher-kva.example"_ba << u"xn--bcher-kva.example"_s
        << u"http://9.9.9.9/"_s;
}

void tst_AddressPolicy::urlsAreTakenApart()
{
    const auto target = Target::fromUrl(QUrl(QString::fromUtf8(QTest::currentDataTag())));
    QVERIFY2(target, target ? "" : target.error().what());
    QTEST(target->key(), "key");
    QTEST(target->hostHeader(), "header");
    QTEST(target->certificateName(), "certificate");
    QTEST(target->at(QHostAddress(u"9.9.9.9"_s)).toString(), "there");
    QCOMPARE(target->at(QHostAddress(u"2a00::9"_s)).authority().section(u']', 0, 0), u"[2a00::9"_s);
}

void tst_AddressPolicy::wrongUrlsAreRefused_data()
{
    QTest::addColumn<QString>("why");
    QTest::newRow("") << u"not a URL"_s;
    QTest::newRow("//example.com/") << u"http:// or https://"_s;
    QTest::newRow("/etc/passwd") << u"http:// or https://"_s;
    QTest::newRow("file:///etc/passwd") << u"http:// or https://"_s;
    QTest::newRow("ftp://example.com/") << u"http:// or https://"_s;
    QTest::newRow("gopher://example.com/") << u"http:// or https://"_s;
    QTest::newRow("data:text/plain,hello") << u"http:// or https://"_s;
    QTest::newRow("qrc:/a") << u"http:// or https://"_s;
    QTest::newRow("unix:/run/docker.sock") << u"http:// or https://"_s;
    QTest::newRow("http://") << u"no host"_s;
    QTest::newRow("http:///a") << u"no host"_s;
    QTest::newRow("http://./a") << u"not a URL"_s;
    QTest::newRow("http://user@example.com/") << u"user name"_s;
    QTest::newRow("http://user:secret@example.com/") << u"user name"_s;
    QTest::newRow("http://example.com@127.0.0.1/") << u"user name"_s;
    QTest::newRow("http://example.com:0/") << u"port"_s;
    QTest::newRow("http://example.com:70000/") << u"not a URL"_s;
    QTest::newRow("http://exa mple.com/") << u"not a URL"_s;
    QTest::newRow("http://[fe80::1%25eth0]/") << u"zone"_s;
}

void tst_AddressPolicy::wrongUrlsAreRefused()
{
    QFETCH(QString, why);
    const auto target = Target::fromUrl(QUrl(QString::fromLatin1(QTest::currentDataTag())));
    QVERIFY(!target);
    QCOMPARE(target.error().code(), Error::Code::FailedValidation);
    QVERIFY2(target.error().message().contains(why), target.error().what());
}

/// Whatever way an address is written, what is connected to is what was classified; a spelling that is left as a name
/// is looked up, and its addresses are.
void tst_AddressPolicy::oddSpellingsDoNotGetThrough_data()
{
    QTest::addColumn<QString>("meant"); // empty: a name for the look-up, or no URL at all
    QTest::newRow("http://127.0.0.1/") << u"127.0.0.1"_s;
    QTest::newRow("http://127.0.0.1./") << u"127.0.0.1"_s;
    QTest::newRow("http://2130706433/") << u"127.0.0.1"_s;
    QTest::newRow("http://0x7f000001/") << u"127.0.0.1"_s;
    QTest::newRow("http://0x7f.0.0.1/") << u"127.0.0.1"_s;
    QTest::newRow("http://0177.0.0.1/") << u"127.0.0.1"_s;
    QTest::newRow("http://017700000001/") << u"127.0.0.1"_s;
    QTest::newRow("http://127.1/") << u"127.0.0.1"_s;
    QTest::newRow("http://127.0.1/") << u"127.0.0.1"_s;
    QTest::newRow("http://0/") << u"0.0.0.0"_s;
    QTest::newRow("http://1/") << u"0.0.0.1"_s;
    QTest::newRow("http://%31%32%37.0.0.1/") << u"127.0.0.1"_s;
    QTest::newRow("http://127%2e0%2e0%2e1/") << u"127.0.0.1"_s;
    QTest::newRow("http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1/") << u"127.0.0.1"_s; // circled digits
    QTest::newRow("http://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/") << u"127.0.0.1"_s; // wide digits
    QTest::newRow("http://127\xe3\x80\x82"
                  "0\xe3\x80\x82"
                  "0\xe3\x80\x82"
                  "1/")
        << u"127.0.0.1"_s; // ideographic stops
    QTest::newRow("http://[::1]/") << u"::1"_s;
    QTest::newRow("http://[0:0:0:0:0:0:0:1]/") << u"::1"_s;
    QTest::newRow("http://[::ffff:127.0.0.1]/") << u"::ffff:127.0.0.1"_s;
    QTest::newRow("http://[::ffff:7f00:1]/") << u"::ffff:127.0.0.1"_s;
    QTest::newRow("http://[::127.0.0.1]/") << u"::7f00:1"_s;
    QTest::newRow("http://[64:ff9b::7f00:1]/") << u"64:ff9b::7f00:1"_s;
    QTest::newRow("http://[2002:7f00:1::]/") << u"2002:7f00:1::"_s;
    QTest::newRow("http://[::]/") << u"::"_s;
    QTest::newRow("http://169.254.169.254/latest/meta-data/") << u"169.254.169.254"_s;
    QTest::newRow("http://2852039166/") << u"169.254.169.254"_s;
    QTest::newRow("http://[fe80::1%eth0]/") << QString();
    QTest::newRow("http://localhost/") << QString();
    QTest::newRow("http://\xe2\x93\x9bocalhost/") << QString(); // a circled l
    QTest::newRow("http://0x7f.1.2.3.4/") << QString();
    QTest::newRow("http://1.2.3.256/") << QString();
}

void tst_AddressPolicy::oddSpellingsDoNotGetThrough()
{
    QFETCH(QString, meant);
    const auto target = Target::fromUrl(QUrl(QString::fromUtf8(QTest::currentDataTag())));
    if (meant.isEmpty()) {
        QVERIFY(!target || !target->literal);
        return;
    }
    QVERIFY2(target, target ? "" : target.error().what());
    QVERIFY2(target->literal, qPrintable(target->host));
    QCOMPARE(*target->literal, QHostAddress(meant));
    QCOMPARE(AddressPolicy().admit(target->host, { *target->literal }).error().code(), Error::Code::PermissionDenied);
}

QTEST_APPLESS_MAIN(tst_AddressPolicy)
#include "tst_addresspolicy.moc"
