-- Of each subject's parked events only the first is ever looked at, so that what waits behind it costs nothing: it has a
-- time for its next attempt, or it has since when an event before it is missing, or an operator must decide.
ALTER TABLE bus.parked ADD COLUMN gap_since timestamptz;
CREATE INDEX parked_gaps ON bus.parked (gap_since) WHERE gap_since IS NOT NULL;
-- Those that were tried the least come first.
CREATE INDEX parked_attempts ON bus.parked (least(attempts, 9), next_attempt) WHERE next_attempt IS NOT NULL;

-- How far the event log was searched for what is missing: one reading for all gaps that were there when it began.
CREATE TABLE bus.gap_search (
    id            uuid        PRIMARY KEY,
    -- There is one at a time.
    single        boolean     NOT NULL DEFAULT true UNIQUE CHECK (single),
    -- The gaps that were there before this.
    gaps_until    timestamptz NOT NULL,
    -- From where the log is read: an offset, once one is known; else a time; else its beginning.
    next_offset   bigint,
    since         timestamptz,
    -- Where the log ended when the search began. None: it was empty.
    last_offset   bigint,
    -- An instance that died is followed by another after this.
    claimed_until timestamptz NOT NULL
);
