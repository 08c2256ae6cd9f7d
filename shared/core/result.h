// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/error.h"

#include <tl/expected.hpp>

namespace godwit {

/// A value, or the error that the caller is expected to branch on. Whoever only wants to stop calls orThrow().
template<class T>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

inline Failure failure(Error::Code code, QString message)
{
    return Failure(Error(code, std::move(message)));
}

/// The value, or its Error thrown (tl::expected::value() would throw a type of its own).
template<class T>
T orThrow(Result<T> result)
{
    if (!result)
        throw std::move(result.error());
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

} // namespace godwit
