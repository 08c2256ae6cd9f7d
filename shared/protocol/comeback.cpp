// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/comeback.h"

#include <QRandomGenerator>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::protocol {

namespace {

constexpr QLatin1StringView beginning = "restarting; come back in "_L1, unit = " s"_L1;

} // namespace

std::chrono::milliseconds comeBackTime()
{
    constexpr auto step = 10ms;
    return step * QRandomGenerator::global()->bounded(int(earliestComeBack / step), int(latestComeBack / step) + 1);
}

std::chrono::seconds comeBackSeconds()
{
    return std::chrono::ceil<std::chrono::seconds>(comeBackTime());
}

QString comeBackReason(std::chrono::milliseconds time)
{
    return beginning + QString::number(double(time.count()) / 1000, 'f', 2) + unit;
}

std::optional<std::chrono::milliseconds> comeBackTimeOf(QStringView reason)
{
    if (reason.size() < beginning.size() + unit.size() || !reason.startsWith(beginning) || !reason.endsWith(unit))
        return std::nullopt;
    bool isNumber = false;
    const double seconds = reason.sliced(beginning.size()).chopped(unit.size()).toDouble(&isNumber); // in the C locale
    if (!isNumber || !(seconds >= 0))
        return std::nullopt;
    return std::chrono::milliseconds(qRound64(std::min(seconds, 60.0) * 1000));
}

} // namespace godwit::protocol
