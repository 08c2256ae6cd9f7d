-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

CREATE TABLE sensor_series (
    id {{identity}},
    name TEXT NOT NULL UNIQUE,
    unit TEXT NOT NULL DEFAULT '',
    source TEXT NOT NULL
);

-- What a span of `step` seconds held; it begins at slot * step seconds after 1970. The key's order is that of the two
-- uses: all of it at the start, and what is too old of one step.
CREATE TABLE sensor_rollups (
    step INTEGER NOT NULL,
    slot BIGINT NOT NULL,
    series_id BIGINT NOT NULL REFERENCES sensor_series (id) ON DELETE CASCADE,
    readings BIGINT NOT NULL,
    least DOUBLE PRECISION NOT NULL,
    most DOUBLE PRECISION NOT NULL,
    total DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (step, slot, series_id)
);

-- Times are milliseconds since 1970 in UTC.
CREATE TABLE alert_rules (
    id {{identity}},
    name TEXT NOT NULL,
    series TEXT NOT NULL,
    condition TEXT NOT NULL,
    threshold DOUBLE PRECISION NOT NULL,
    hysteresis DOUBLE PRECISION NOT NULL,
    hold_for BIGINT NOT NULL, -- milliseconds
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL
);

-- A rule that fired, or does still. What it says of its rule stays when that is gone.
CREATE TABLE alerts (
    id {{identity}},
    rule_id BIGINT NOT NULL,
    rule_name TEXT NOT NULL,
    series TEXT NOT NULL,
    condition TEXT NOT NULL,
    threshold DOUBLE PRECISION NOT NULL,
    value DOUBLE PRECISION, -- that it fired for; none where none came
    fired_at BIGINT NOT NULL,
    resolved_at BIGINT
);
CREATE INDEX alerts_by_resolution ON alerts (resolved_at, id);
CREATE INDEX alerts_by_rule ON alerts (rule_id, resolved_at);
