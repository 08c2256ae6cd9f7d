// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/journal.h"
#include "server/app/logging.h"
#include "shared/async/currentrequest.h"

#include <QFile>
#include <QLoggingCategory>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

using namespace Qt::StringLiterals;
using namespace godwit;
using app::Journal;

namespace {

Q_LOGGING_CATEGORY(testLog, "godwit.test")

using Fields = QMap<QByteArray, QByteArray>;

/// A journal's socket that keeps what comes, and reads it as systemd does.
class FakeJournal
{
public:
    explicit FakeJournal(const QByteArray &path) : m_socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::copy_n(path.constData(), size_t(path.size()), address.sun_path);
        m_isOpen = ::bind(m_socket, reinterpret_cast<const sockaddr *>(&address), sizeof(address)) == 0;
    }
    ~FakeJournal() { ::close(m_socket); }
    Q_DISABLE_COPY_MOVE(FakeJournal)

    bool isOpen() const { return m_isOpen; }

    /// The next entry; empty if there is none.
    Fields next()
    {
        QByteArray entry(1024 * 1024, Qt::Uninitialized);
        iovec part{ .iov_base = entry.data(), .iov_len = size_t(entry.size()) };
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t size = ::recvmsg(m_socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (size < 0)
            return {};
        entry.truncate(size);
        if (const cmsghdr *header = CMSG_FIRSTHDR(&message)) {
            int file = -1;
            std::memcpy(&file, CMSG_DATA(header), sizeof(file));
            seals = ::fcntl(file, F_GET_SEALS);
            QFile memory;
            ::lseek(file, 0, SEEK_SET);
            if (memory.open(file, QIODevice::ReadOnly, QFile::AutoCloseHandle))
                entry = memory.readAll();
        }
        return parse(entry);
    }

    int seals = 0; ///< of the last entry that came as a file

private:
    static Fields parse(const QByteArray &entry)
    {
        Fields fields;
        for (qsizetype at = 0; at < entry.size();) {
            const qsizetype end = entry.indexOf('\n', at);
            const qsizetype equals = entry.indexOf('=', at);
            if (equals >= 0 && equals < end) {
                fields[entry.sliced(at, equals - at)] = entry.sliced(equals + 1, end - equals - 1);
                at = end + 1;
            } else {
                const auto size = qsizetype(qFromLittleEndian<quint64>(entry.constData() + end + 1));
                fields[entry.sliced(at, end - at)] = entry.sliced(end + 9, size);
                at = end + 9 + size + 1;
            }
        }
        return fields;
    }

    const int m_socket;
    bool m_isOpen = false;
};

} // namespace

class tst_Journal : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { qInstallMessageHandler(nullptr); }
    void anEntryHasFields();
    void aMessageCannotFakeFields();
    void whatIsLargeGoesAsASealedFile();
    void aJournalThatIsStartedAnewIsFound();
    void withoutAJournalNothingIsSent();
    void logLinesBecomeEntries();
    void standardErrorIsKnown();

private:
    QByteArray path() const { return QFile::encodeName(m_folder->filePath(u"socket"_s)); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void tst_Journal::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void tst_Journal::anEntryHasFields()
{
    FakeJournal there(path());
    QVERIFY(there.isOpen());
    const Journal journal(path());
    QVERIFY(journal.send({ { "MESSAGE", "a=b" }, { "PRIORITY", "6" }, { "CODE_FILE", QByteArrayView() } }));
    QCOMPARE(there.next(), (Fields{ { "MESSAGE", "a=b" }, { "PRIORITY", "6" } }));
    QCOMPARE(there.next(), Fields());
}

void tst_Journal::aMessageCannotFakeFields()
{
    FakeJournal there(path());
    const Journal journal(path());
    QVERIFY(journal.send({ { "MESSAGE", "one\nPRIORITY=0\n" }, { "PRIORITY", "6" } }));
    QCOMPARE(there.next(), (Fields{ { "MESSAGE", "one\nPRIORITY=0\n" }, { "PRIORITY", "6" } }));
}

void tst_Journal::whatIsLargeGoesAsASealedFile()
{
    FakeJournal there(path());
    const Journal journal(path());
    const QByteArray large(20 * 1024 * 1024, 'x'); // beyond any send buffer
    QVERIFY(journal.send({ { "MESSAGE", large }, { "PRIORITY", "4" } }));
    QCOMPARE(there.next(), (Fields{ { "MESSAGE", large }, { "PRIORITY", "4" } }));
    QCOMPARE(there.seals, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
}

void tst_Journal::aJournalThatIsStartedAnewIsFound()
{
    const Journal journal(path());
    {
        const FakeJournal first(path());
        QVERIFY(journal.send({ { "MESSAGE", "1" } }));
    }
    QVERIFY(!journal.send({ { "MESSAGE", "2" } }));
    QVERIFY(QFile::remove(QFile::decodeName(path())));
    FakeJournal second(path());
    QVERIFY(journal.send({ { "MESSAGE", "3" } }));
    QCOMPARE(second.next(), (Fields{ { "MESSAGE", "3" } }));
}

void tst_Journal::withoutAJournalNothingIsSent()
{
    const Journal journal(path());
    QVERIFY(!journal.send({ { "MESSAGE", "1" } }));
}

void tst_Journal::logLinesBecomeEntries()
{
    FakeJournal there(path());
    app::setUpLogging({ .target = config::LogTarget::Journald, .journal = QFile::decodeName(path()) });
    {
        const QByteArray id = "r-1";
        const async::CurrentRequest request(id);
        qCWarning(testLog, "it is %d o'clock", 5);
    }
    qCCritical(testLog, "late");
    Fields entry = there.next();
    QCOMPARE(entry.take("MESSAGE"), "it is 5 o'clock");
    QCOMPARE(entry.take("PRIORITY"), "4");
    QCOMPARE(entry.take("SYSLOG_IDENTIFIER"), "godwitd");
    QCOMPARE(entry.take("GODWIT_CATEGORY"), "godwit.test");
    QCOMPARE(entry.take("GODWIT_REQUEST_ID"), "r-1");
    for (const QByteArray &name : entry.keys()) // where it is built with them
        QVERIFY2(name.startsWith("CODE_"), name.constData());
    entry = there.next();
    QCOMPARE(entry["PRIORITY"], "3");
    app::accessLogSink()("status=200");
    QCOMPARE(there.next(),
             (Fields{ { "MESSAGE", "status=200" },
                      { "PRIORITY", "6" },
                      { "SYSLOG_IDENTIFIER", "godwitd" },
                      { "GODWIT_CATEGORY", "godwit.access" } }));
    QVERIFY(!entry.contains("GODWIT_REQUEST_ID"));
}

void tst_Journal::standardErrorIsKnown()
{
    struct stat status = {};
    QCOMPARE(::fstat(STDERR_FILENO, &status), 0);
    const QByteArray device = QByteArray::number(quint64(status.st_dev)) + ':';
    QVERIFY(Journal::isStandardError(device + QByteArray::number(quint64(status.st_ino))));
    QVERIFY(!Journal::isStandardError(device + QByteArray::number(quint64(status.st_ino) + 1)));
    QVERIFY(!Journal::isStandardError({}));
}

QTEST_GUILESS_MAIN(tst_Journal)
#include "tst_journal.moc"
