-- What is to happen later, each thing once: a timer fires in one transaction with its effects.
CREATE SEQUENCE bus.timer_settings;
CREATE TABLE bus.timers (
    kind         text        NOT NULL,
    key          text        NOT NULL,
    due          timestamptz NOT NULL,
    -- Which setting of the timer this is. Numbers are never given again, so who fires it sees whether it was moved.
    setting      bigint      NOT NULL DEFAULT nextval('bus.timer_settings'),
    -- At first when it is due. None: tried often enough, an operator must decide.
    next_attempt timestamptz,
    -- How often it was tried alone, or failed.
    attempts     integer     NOT NULL DEFAULT 0,
    -- Whether its last attempt has no outcome: the process may have ended because of it.
    crashed      boolean     NOT NULL DEFAULT false,
    error        text,
    PRIMARY KEY (kind, key)
) WITH (
    -- What has fired is deleted; the default waits until that is a fifth of a table that may hold millions.
    autovacuum_vacuum_scale_factor = 0.05
);
-- Those that have never failed. What fails leaves this index, so that nothing stands before what is due.
CREATE INDEX timers_due ON bus.timers (kind, next_attempt) WHERE attempts = 0;
CREATE INDEX timers_retried ON bus.timers (kind, next_attempt) WHERE attempts > 0;
-- What an operator names a failed timer by.
CREATE INDEX timers_failed ON bus.timers (setting) WHERE attempts > 0;

-- The batch of each kind that is being fired: if it is still there when another process takes over, one of its timers may
-- have ended the process.
CREATE TABLE bus.timer_batches (
    kind  text PRIMARY KEY,
    -- When the last timer of the batch was due. None: nothing is being fired.
    until timestamptz
) WITH (fillfactor = 50);
