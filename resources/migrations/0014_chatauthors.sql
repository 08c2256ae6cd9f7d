-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Whose a message is: names may be given again. 0: only known by name, as those of before.
ALTER TABLE chat_messages ADD COLUMN user_id BIGINT NOT NULL DEFAULT 0;
