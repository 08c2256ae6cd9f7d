-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Times are milliseconds since 1970 in UTC. Offsets are dense in a topic, from 1; those before first_offset are gone.
-- Another epoch is another history: its offsets say nothing about this one's.
CREATE TABLE log_topics (
    id {{identity}},
    name TEXT NOT NULL UNIQUE,
    epoch TEXT NOT NULL,
    first_offset BIGINT NOT NULL,
    last_offset BIGINT NOT NULL
);

CREATE TABLE log_events (
    topic_id BIGINT NOT NULL REFERENCES log_topics (id),
    event_offset BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (topic_id, event_offset)
);

CREATE INDEX log_events_by_age ON log_events (created_at);

-- What came with a client's own id: sent again, it is answered with the same offset.
CREATE TABLE log_sends (
    topic_id BIGINT NOT NULL REFERENCES log_topics (id),
    client TEXT NOT NULL,
    client_id TEXT NOT NULL,
    event_offset BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (topic_id, client, client_id)
);

CREATE INDEX log_sends_by_age ON log_sends (created_at);
