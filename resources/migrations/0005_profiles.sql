-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

-- What belongs to a user, and goes with it. Times are milliseconds since 1970 in UTC.
CREATE TABLE user_preferences (
    user_id BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    body TEXT NOT NULL, -- a JSON object
    updated_at BIGINT NOT NULL
);

-- The last thousand of each user; older ones are dropped as new ones come.
CREATE TABLE user_activity (
    id {{identity}},
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE INDEX user_activity_by_user ON user_activity (user_id, id);

-- From a user to another; the way back is a row of its own.
CREATE TABLE user_connections (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    friend_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, friend_id)
);
CREATE INDEX user_connections_by_friend ON user_connections (friend_id);
