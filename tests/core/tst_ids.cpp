// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/core/ids.h"

#include <QRegularExpression>
#include <QSet>
#include <QtTest>

#include <array>
#include <mutex>
#include <thread>

using namespace Qt::StringLiterals;

class tst_Ids : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void haveTheirForm();
    void everyDigitOfASecretIsRandom();
    void areUniqueAcrossThreads();
};

void tst_Ids::haveTheirForm()
{
    static const QRegularExpression request(u"^[0-9a-f]{16}$"_s), secret(u"^[0-9a-f]{32}$"_s);
    for (int i = 0; i < 1000; ++i) {
        QVERIFY(request.match(QString::fromLatin1(godwit::makeRequestId())).hasMatch());
        QVERIFY(secret.match(QString::fromLatin1(godwit::makeSecretId())).hasMatch());
    }
}

void tst_Ids::everyDigitOfASecretIsRandom()
{
    std::array<QSet<char>, 32> digits;
    for (int i = 0; i < 100; ++i) {
        const QByteArray id = godwit::makeSecretId();
        for (size_t at = 0; at < digits.size(); ++at)
            digits[at].insert(id[qsizetype(at)]);
    }
    for (const auto &seen : digits)
        QVERIFY(seen.size() > 4); // of 16
}

void tst_Ids::areUniqueAcrossThreads()
{
    constexpr int threads = 4, each = 5000;
    QSet<QByteArray> seen;
    std::mutex mutex;
    {
        std::vector<std::jthread> makers;
        for (int t = 0; t < threads; ++t) {
            makers.emplace_back([&] {
                QSet<QByteArray> mine;
                for (int i = 0; i < each; ++i)
                    mine << godwit::makeRequestId() << godwit::makeSecretId();
                const std::lock_guard lock(mutex);
                seen.unite(mine);
            });
        }
    }
    QCOMPARE(seen.size(), 2 * threads * each);
}

QTEST_GUILESS_MAIN(tst_Ids)
#include "tst_ids.moc"
