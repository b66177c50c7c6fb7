-- Everything lives in the schema "bus", beside the service's own tables, so that one transaction holds both.

-- The number of the last event of each subject that this service published.
CREATE TABLE bus.sequences (
    subject text   PRIMARY KEY,
    last    bigint NOT NULL
);

-- Events that are committed but not confirmed by the broker yet.
CREATE TABLE bus.outbox (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid   NOT NULL,
    type     text   NOT NULL,
    subject  text   NOT NULL,
    sequence bigint NOT NULL,
    body     bytea  NOT NULL
) WITH (
    -- Every row is deleted within moments: vacuum by the number of dead rows, not by their share of a tiny table.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0
);
-- Bodies are deleted within moments; compressing them would be work for nothing.
ALTER TABLE bus.outbox ALTER COLUMN body SET STORAGE EXTERNAL;

-- The inbox: the last event of each subject that this service took.
CREATE TABLE bus.positions (
    source   text   NOT NULL,
    subject  text   NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (source, subject)
) WITH (fillfactor = 80);

-- Events that could not be taken: "failed" ones, and those that are "waiting" for an earlier event of their subject.
CREATE TABLE bus.parked (
    source       text        NOT NULL,
    subject      text        NOT NULL,
    sequence     bigint      NOT NULL,
    event_id     text,
    type         text        NOT NULL,
    body         bytea       NOT NULL,
    state        text        NOT NULL CHECK (state IN ('failed', 'waiting')),
    error        text,
    attempts     integer     NOT NULL DEFAULT 0,
    parked_at    timestamptz NOT NULL DEFAULT now(),
    -- None: tried often enough, an operator must decide.
    next_attempt timestamptz,
    PRIMARY KEY (source, subject, sequence)
);
