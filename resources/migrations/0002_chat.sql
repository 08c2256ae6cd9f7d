-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Times are milliseconds since 1970 in UTC. Offsets are dense in a room, from 1: last_offset is the newest one given.
CREATE TABLE chat_rooms (
    id {{identity}},
    name TEXT NOT NULL UNIQUE,
    last_offset BIGINT NOT NULL,
    last_message_at BIGINT NOT NULL
);

CREATE TABLE chat_messages (
    id {{identity}},
    room_id BIGINT NOT NULL REFERENCES chat_rooms (id),
    room_offset BIGINT NOT NULL,
    user_name TEXT NOT NULL,
    message TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (room_id, room_offset)
);
