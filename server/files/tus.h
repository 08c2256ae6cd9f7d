// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/files/uploads.h"
#include "server/http/router.h"

namespace godwit::files {

/// `/api/uploads`: tus 1.0.0 (https://tus.io/protocols/resumable-upload) with creation, creation-with-upload, checksum,
/// termination and expiration. The file's name is `filename` of Upload-Metadata. X-HTTP-Method-Override is known, on
/// POST.
void addUploadRoutes(http::Router &router, Uploads &uploads);

namespace detail {

/// The name in an Upload-Metadata field. Error::InvalidArgument for what is none.
QString nameIn(QByteArrayView metadata);

} // namespace detail
} // namespace godwit::files
