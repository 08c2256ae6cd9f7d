// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace godwit::http {

/// Who writes the frames of an upgraded channel. It is asked when the channel's turn to write has come, so that what
/// many are sent need not be given to each of them in advance.
class FrameSource
{
public:
    /// Says HttpChannel::writeFrame() with what is to be sent. May close the WebSocket.
    virtual void fetchFrames() = 0;
    /// The kernel has taken something: there may be room for more.
    virtual void framesTaken() = 0;

protected:
    ~FrameSource() = default;
};

} // namespace godwit::http
