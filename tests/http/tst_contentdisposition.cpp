// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/contentdisposition.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::http;

class tst_ContentDisposition : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void contentDispositions_data();
    void contentDispositions();
};

void tst_ContentDisposition::contentDispositions_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("plain") << u"a b.txt"_s << "attachment; filename=\"a b.txt\""_ba;
    QTest::newRow("folder") << u"x/y/a.txt"_s << "attachment; filename=\"a.txt\""_ba;
    QTest::newRow("umlaut") << u"ä.txt"_s << "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%A4.txt"_ba;
    QTest::newRow("quotes") << u"a\"b\\c.txt"_s
                            << "attachment; filename=\"a_b_c.txt\"; filename*=UTF-8''a%22b%5Cc.txt"_ba;
    QTest::newRow("line break") << u"a\r\nb"_s << "attachment; filename=\"a__b\"; filename*=UTF-8''a%0D%0Ab"_ba;
    QTest::newRow("apostrophe and star") << u"ä'*.txt"_s
                                         << "attachment; filename=\"_'*.txt\"; filename*=UTF-8''%C3%A4%27%2A.txt"_ba;
}

void tst_ContentDisposition::contentDispositions()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, expected);
    QCOMPARE(contentDisposition(Disposition::Attachment, name), expected);
}

QTEST_GUILESS_MAIN(tst_ContentDisposition)
#include "tst_contentdisposition.moc"
