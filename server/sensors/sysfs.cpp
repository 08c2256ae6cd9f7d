// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/sysfs.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QSet>

#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;

namespace godwit::sensors::sysfs {

namespace {

constexpr qint64 longestFile = 4096; // sysfs gives at most a page
constexpr qsizetype longestName = 32;
constexpr double milli = 1'000;

Result<QByteArray> readFile(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly | QIODevice::Unbuffered))
        return failure(Error::Code::Unavailable, path + u": "_s + file.errorString());
    const QByteArray bytes = file.read(longestFile);
    if (bytes.isEmpty())
        return failure(Error::Code::Unavailable,
                       path + u": "_s + (file.error() == QFile::NoError ? u"is empty"_s : file.errorString()));
    return bytes.trimmed();
}

Result<double> readNumber(const QString &path)
{
    const auto text = readFile(path);
    if (!text)
        return Failure(text.error());
    bool isNumber = false;
    const double number = text->toDouble(&isNumber);
    if (!isNumber || !std::isfinite(number))
        return failure(Error::Code::Unavailable, path + u": is no number"_s);
    return number;
}

/// As a part of a series' name.
QString plainName(const QString &text)
{
    static const QRegularExpression odd(u"[^a-z0-9_-]+"_s);
    QString name = text.toLower().replace(odd, u"_"_s).left(longestName);
    return name.isEmpty() ? u"sensor"_s : name;
}

QString readName(const QString &path, const QString &fallback)
{
    const auto name = readFile(path);
    return plainName(name ? QString::fromUtf8(*name) : fallback);
}

/// Folders in order of their numbers: 10 after 9.
QStringList folders(const QString &root, const QString &pattern)
{
    QStringList names;
    if (!root.isEmpty())
        names = QDir(root).entryList({ pattern }, QDir::Dirs | QDir::NoDotAndDotDot);
    std::ranges::sort(
        names, [](const QString &a, const QString &b) { return a.size() != b.size() ? a.size() < b.size() : a < b; });
    return names;
}

QString firstThatExists(const QStringList &paths)
{
    const auto found = std::ranges::find_if(paths, [](const QString &path) { return QFile::exists(path); });
    return found == paths.end() ? QString() : *found;
}

/// `in_temp0_ambient_raw`: an index, a modifier, and how it is told.
std::optional<Channel> channelOf(const QDir &device, const QString &file)
{
    static const QRegularExpression form(
        u"^in_(?<type>temp|humidityrelative|pressure)(?<index>\\d*)(?<modifier>(?:_[a-z0-9]+)*?)_(?<form>input|raw)$"_s);
    const auto match = form.match(file);
    if (!match.hasMatch())
        return {};
    const QString type = match.captured(u"type"_s), index = match.captured(u"index"_s);
    const QString modifier = match.captured(u"modifier"_s);
    Channel channel{ .suffix = index + modifier, .file = device.filePath(file) };
    if (type == "temp"_L1) {
        channel.quantity = Quantity::Temperature;
        channel.divided = milli; // from milli degrees Celsius
    } else if (type == "humidityrelative"_L1) {
        channel.quantity = Quantity::Humidity;
        channel.divided = milli; // from milli percent
    } else {
        channel.quantity = Quantity::Pressure;
        channel.multiplied = 10; // from kilopascal
    }
    if (match.captured(u"form"_s) == "raw"_L1) {
        // The channel's own, or what all of its kind share.
        const auto shared = [&](const QString &what) {
            return firstThatExists({ device.filePath("in_"_L1 + type + index + modifier + what),
                                     device.filePath("in_"_L1 + type + index + what),
                                     device.filePath("in_"_L1 + type + what) });
        };
        channel.offsetFile = shared(u"_offset"_s);
        channel.scaleFile = shared(u"_scale"_s);
        if (channel.scaleFile.isEmpty())
            return {}; // a number without a unit
    }
    return channel;
}

std::vector<Channel> channelsOf(const QDir &device)
{
    std::vector<Channel> channels;
    QSet<QString> processed;
    // `input` before `raw`: what the kernel has worked out is taken.
    const QStringList files = device.entryList({ u"in_*_input"_s }, QDir::Files, QDir::Name)
        + device.entryList({ u"in_*_raw"_s }, QDir::Files, QDir::Name);
    for (const QString &file : files) {
        auto channel = channelOf(device, file);
        const QString value = file.left(file.lastIndexOf(u'_'));
        if (!channel || processed.contains(value))
            continue;
        processed.insert(value);
        channels.push_back(*std::move(channel));
    }
    return channels;
}

void add(std::vector<Device> &devices, Device device)
{
    const auto isTaken = [&devices](const QString &name) {
        return std::ranges::any_of(devices, [&name](const Device &other) { return other.name == name; });
    };
    const QString name = device.name;
    for (int number = 2; isTaken(device.name); ++number)
        device.name = name + u'-' + QString::number(number);
    devices.push_back(std::move(device));
}

} // namespace

QString nameOf(Quantity quantity)
{
    switch (quantity) {
    case Quantity::Temperature:
        return u"temperature"_s;
    case Quantity::Humidity:
        return u"humidity"_s;
    case Quantity::Pressure:
        return u"pressure"_s;
    }
    return {};
}

QString unitOf(Quantity quantity)
{
    switch (quantity) {
    case Quantity::Temperature:
        return u"degC"_s;
    case Quantity::Humidity:
        return u"%RH"_s;
    case Quantity::Pressure:
        return u"hPa"_s;
    }
    return {};
}

Result<double> Channel::read() const
{
    auto value = readNumber(file);
    if (!value)
        return value;
    double offset = 0, scale = 1;
    if (!offsetFile.isEmpty()) {
        const auto read = readNumber(offsetFile);
        if (!read)
            return read;
        offset = *read;
    }
    if (!scaleFile.isEmpty()) {
        const auto read = readNumber(scaleFile);
        if (!read)
            return read;
        scale = *read;
    }
    return (*value + offset) * scale * multiplied / divided;
}

QString Device::seriesOf(const Channel &channel) const
{
    return source == protocol::SensorSource::Thermal ? name : name + u'.' + nameOf(channel.quantity) + channel.suffix;
}

std::vector<Device> findIio(const QString &root)
{
    std::vector<Device> devices;
    for (const QString &folder : folders(root, u"iio:device*"_s)) {
        const QDir directory(QDir(root).filePath(folder));
        auto channels = channelsOf(directory);
        if (!channels.empty())
            add(devices,
                { .name = u"iio."_s + readName(directory.filePath(u"name"_s), folder),
                  .path = directory.path(),
                  .source = protocol::SensorSource::Iio,
                  .channels = std::move(channels) });
    }
    return devices;
}

std::vector<Device> findThermal(const QString &root)
{
    std::vector<Device> devices;
    for (const QString &folder : folders(root, u"thermal_zone*"_s)) {
        const QDir directory(QDir(root).filePath(folder));
        const QString file = directory.filePath(u"temp"_s);
        if (!QFile::exists(file))
            continue;
        Channel channel{ .quantity = Quantity::Temperature, .file = file, .divided = milli };
        add(devices,
            { .name = u"thermal."_s + readName(directory.filePath(u"type"_s), folder),
              .path = directory.path(),
              .source = protocol::SensorSource::Thermal,
              .channels = { std::move(channel) } });
    }
    return devices;
}

} // namespace godwit::sensors::sysfs
