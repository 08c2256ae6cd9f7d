-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Rooms of before: their topics go on behind the messages that they have. What a log has of an epoch cannot be guessed.
INSERT INTO log_topics (name, epoch, first_offset, last_offset)
SELECT 'room:' || name, lower(hex(randomblob(16))), last_offset + 1, last_offset FROM chat_rooms
WHERE 'room:' || name NOT IN (SELECT name FROM log_topics);
