// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/load.h"

#include "server/config/keys.h"
#include "server/config/tomlfile.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QUrl>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::config {

namespace {

/// Variables that begin like keys but are read by others.
const QStringList &otherVariables()
{
    static const QStringList names{ u"GODWIT_CONFIG"_s };
    return names;
}

bool fits(Key::Type wanted, TomlEntry::Type type)
{
    switch (wanted) {
    case Key::Type::Text:
    case Key::Type::Duration:
        return type == TomlEntry::Type::Text;
    case Key::Type::Texts:
        return type == TomlEntry::Type::Texts || type == TomlEntry::Type::Text;
    case Key::Type::Integer:
        return type == TomlEntry::Type::Integer;
    case Key::Type::Boolean:
        return type == TomlEntry::Type::Boolean;
    case Key::Type::Size:
        return type == TomlEntry::Type::Text || type == TomlEntry::Type::Integer;
    }
    return false;
}

QString didYouMean(const QString &word, const QStringList &candidates)
{
    const QString near = nearest(word, candidates);
    return near.isEmpty() ? QString() : u"; did you mean "_s + near + u'?';
}

class Loader
{
public:
    explicit Loader(const Sources &sources) : m_sources(sources) { }

    Result<Loaded> load()
    {
        readFile();
        readEnvironment();
        for (const auto &[path, values] : m_sources.arguments.asKeyValueRange())
            set(path, values, u"argument"_s);
        checkTogether();
        if (!m_problems.isEmpty())
            return failure(Error::Code::InvalidArgument, m_problems.join(u'\n'));
        return m_loaded;
    }

private:
    void readFile()
    {
        QString name = m_sources.file;
        if (name.isEmpty())
            name = m_sources.environment.value(u"GODWIT_CONFIG"_s);
        if (name.isEmpty()) {
            for (const QString &candidate : standardFiles(m_sources.environment)) {
                if (name.isEmpty() && QFileInfo::exists(candidate))
                    name = candidate;
            }
        }
        if (name.isEmpty())
            return;
        QFile file(name);
        if (!file.open(QIODevice::ReadOnly)) {
            m_problems.append(u"%1: cannot be read: %2"_s.arg(name, file.errorString()));
            return;
        }
        m_loaded.file = name;
        const auto entries = readToml(file.readAll(), name);
        if (!entries) {
            m_problems.append(entries.error().message());
            return;
        }
        for (const TomlEntry &entry : *entries)
            take(entry);
    }

    void take(const TomlEntry &entry)
    {
        const QString where = u"%1:%2: [%3] %4"_s.arg(m_loaded.file).arg(entry.line).arg(entry.section, entry.name);
        const Key *key = findKey(entry.section + u'.' + entry.name);
        if (!key) {
            m_problems.append(where + u": no such key"_s + suggestion(entry));
            return;
        }
        if (!fits(key->type, entry.type) || !key->set(m_loaded.config, entry.values))
            refuse(where, *key, entry.type == TomlEntry::Type::Other ? QStringList() : entry.values);
    }

    static QString suggestion(const TomlEntry &entry)
    {
        QStringList sections, names;
        for (const Key &key : keys()) {
            sections.append(key.section);
            if (key.section == entry.section)
                names.append(key.name);
        }
        if (names.isEmpty())
            return didYouMean(entry.section, sections);
        return didYouMean(entry.name, names);
    }

    void readEnvironment()
    {
        QStringList names;
        for (const Key &key : keys())
            names.append(key.environmentName());
        for (const QString &variable : m_sources.environment.keys()) {
            if (!variable.startsWith("GODWIT_"_L1) || otherVariables().contains(variable))
                continue;
            const qsizetype index = names.indexOf(variable);
            if (index < 0) {
                m_loaded.warnings.append(variable + u": no such key of the configuration"_s
                                         + didYouMean(variable, names));
                continue;
            }
            const Key &key = keys()[size_t(index)];
            const QString value = m_sources.environment.value(variable);
            const QStringList values
                = key.type == Key::Type::Texts ? value.split(u',', Qt::SkipEmptyParts) : QStringList{ value };
            set(key.path(), values, variable);
        }
    }

    void set(const QString &path, const QStringList &values, const QString &where)
    {
        const Key *key = findKey(path);
        if (!key) {
            QStringList paths;
            for (const Key &known : keys())
                paths.append(known.path());
            m_problems.append(u"%1: %2: no such key%3"_s.arg(where, path, didYouMean(path, paths)));
        } else if (!key->set(m_loaded.config, values)) {
            refuse(where + u": "_s + path, *key, values);
        }
    }

    void refuse(const QString &where, const Key &key, const QStringList &values)
    {
        QString problem = where + u": expected "_s + key.expected;
        if (!values.isEmpty())
            problem += u", not \""_s + values.join(u", "_s) + u'"';
        m_problems.append(problem);
    }

    /// What no key can check alone, and defaults that depend on where we run.
    void checkTogether()
    {
        Config &config = m_loaded.config;
        if (config.server.data.isEmpty())
            config.server.data = defaultDataFolder();
        config.database.file = QDir(config.server.data).filePath(u"godwit.db"_s);
        if (config.database.minConnections > config.database.maxConnections)
            m_problems.append(u"[database] min_connections is greater than max_connections"_s);
        if (config.tls.certificate.isEmpty() != config.tls.key.isEmpty())
            m_problems.append(u"[tls] certificate and key: expected both or none"_s);
        for (const QString &file : { config.tls.certificate, config.tls.key }) {
            if (!file.isEmpty() && !QFileInfo(file).isReadable())
                m_problems.append(u"[tls] %1: cannot be read"_s.arg(file));
        }
        if (config.log.target == LogTarget::Journald && !QFileInfo::exists(config.log.journal))
            m_problems.append(
                u"[log] target: there is no journal here: %1 does not exist; expected stderr or auto"_s.arg(
                    config.log.journal));
        if (config.webhooks.url.isEmpty() != config.webhooks.secret.isEmpty())
            m_problems.append(u"[webhooks] url and secret: expected both or none"_s);
        checkUrl(u"[webhooks] url"_s, config.webhooks.url);
        checkUrl(u"[traces] otlp_endpoint"_s, config.traces.otlp.endpoint);
        if (config.traces.otlp.isEnabled() && !config.traces.enabled)
            m_problems.append(u"[traces] otlp_endpoint: expected none where enabled is false"_s);
        if (!config.outbound.caFile.isEmpty() && !QFileInfo(config.outbound.caFile).isReadable())
            m_problems.append(u"[outbound] ca_file: %1 cannot be read"_s.arg(config.outbound.caFile));
        for (const ListenAddress &address : std::as_const(config.server.listen)) {
            if (config.auth.mode == auth::Mode::Open && !config.auth.isOpenAnywhere && !address.isLocal())
                m_problems.append(
                    u"[server] listen: %1 is reached from other machines, and [auth] mode is \"open\": whoever "
                    u"connects would be an admin; expected a loopback address or unix:PATH, or mode \"token\", or open_anywhere"_s
                        .arg(address.toString()));
        }
        if (!config.rates.isOn)
            config.auth.loginsPerName = 0; // "off" is for all of them
        if (config.cors.credentials && config.cors.origins.contains(u"*"_s))
            m_problems.append(u"[cors] credentials: not together with the origin \"*\" (Fetch standard)"_s);
        if (config.faults.isAny() && !m_sources.allowsFaults)
            m_problems.append(u"[faults]: expected none without --allow-faults: it makes the server fail on purpose"_s);
        for (const FaultsOfOne &one : { config.faults.database, config.faults.upstreams }) {
            if (one.errors + one.hangs > 100)
                m_problems.append(u"[faults] errors and hangs: expected 100 percent at most together"_s);
        }
    }

    /// Empty: not wanted.
    void checkUrl(const QString &key, const QString &text)
    {
        const QUrl url(text, QUrl::StrictMode);
        const bool isHttp = url.scheme() == "http"_L1 || url.scheme() == "https"_L1;
        if (!text.isEmpty() && (!url.isValid() || !isHttp || url.host().isEmpty()))
            m_problems.append(u"%1: expected an http or https URL, not \"%2\""_s.arg(key, text));
    }

    QString defaultDataFolder() const
    {
        const auto &environment = m_sources.environment;
        // systemd's StateDirectory=; several are separated by colons.
        QString state = environment.value(u"STATE_DIRECTORY"_s).section(u':', 0, 0);
        if (!state.isEmpty())
            return state;
        const QString home = environment.value(u"XDG_DATA_HOME"_s);
        return (QDir::isAbsolutePath(home) ? home : QDir::homePath() + u"/.local/share"_s) + u"/godwit"_s;
    }

    const Sources &m_sources;
    Loaded m_loaded;
    QStringList m_problems;
};

} // namespace

Result<Loaded> load(const Sources &sources)
{
    return Loader(sources).load();
}

QStringList standardFiles(const QProcessEnvironment &environment)
{
    // XDG Base Directory Specification: a relative path is to be ignored.
    const QString home = environment.value(u"XDG_CONFIG_HOME"_s);
    return { (QDir::isAbsolutePath(home) ? home : QDir::homePath() + u"/.config"_s) + u"/godwit/godwit.toml"_s,
             u"/etc/godwit/godwit.toml"_s };
}

} // namespace godwit::config
