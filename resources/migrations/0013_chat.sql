-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

-- A room's topic of the event log gives its offsets: messages', and those of what happens to messages.
-- mentions: names with spaces between. file: the name of one in the files directory, or nothing.
ALTER TABLE chat_messages ADD COLUMN edited_at BIGINT;
ALTER TABLE chat_messages ADD COLUMN deleted_at BIGINT;
ALTER TABLE chat_messages ADD COLUMN mentions TEXT NOT NULL DEFAULT '';
ALTER TABLE chat_messages ADD COLUMN file TEXT NOT NULL DEFAULT '';

CREATE TABLE chat_mentions (
    user_key TEXT NOT NULL, -- the name without regard to case and compatibility forms
    room_id BIGINT NOT NULL REFERENCES chat_rooms (id),
    room_offset BIGINT NOT NULL,
    PRIMARY KEY (user_key, room_id, room_offset)
);

-- How far each user has read each room.
CREATE TABLE chat_reads (
    user_key TEXT NOT NULL,
    room_id BIGINT NOT NULL REFERENCES chat_rooms (id),
    read_offset BIGINT NOT NULL,
    PRIMARY KEY (user_key, room_id)
);
