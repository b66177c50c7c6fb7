-- How far the event log was taken. It moves in the transaction that counts the events: so each counts once.
CREATE TABLE progress (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    log_offset bigint NOT NULL,
    log_index integer NOT NULL,
    -- Which event that is: another log has another one there.
    event_id text,
    -- When the newest event happened that was counted.
    newest timestamptz,
    events bigint NOT NULL,
    repeated bigint NOT NULL,
    passed_over bigint NOT NULL
);

-- What the event log lost before it was read.
CREATE TABLE losses (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    noticed_at timestamptz NOT NULL,
    -- How many messages, where the log has dropped them; nobody knows, where it was declared again.
    messages bigint
);

-- Which numbers of a subject were taken. An event may be in the log twice, and behind later ones of its subject.
CREATE TABLE taken (
    source text NOT NULL,
    subject text NOT NULL,
    numbers int8multirange NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (source, subject)
) WITH (fillfactor = 80);
CREATE INDEX taken_by_age ON taken (changed_at);

-- What happened how often, and how much it was worth, by the time of the events.
CREATE TABLE figures (
    -- minute, hour or day
    resolution text NOT NULL,
    start timestamptz NOT NULL,
    measure text NOT NULL,
    -- Of amounts; empty otherwise.
    currency text NOT NULL,
    value numeric NOT NULL,
    PRIMARY KEY (resolution, start, measure, currency)
) WITH (fillfactor = 80);

CREATE TABLE product_figures (
    resolution text NOT NULL,
    start timestamptz NOT NULL,
    sku text NOT NULL,
    additions bigint NOT NULL,
    units numeric NOT NULL,
    PRIMARY KEY (resolution, start, sku)
) WITH (fillfactor = 80);

-- As the last addition called them.
CREATE TABLE products (
    sku text PRIMARY KEY,
    name text NOT NULL
);

-- What the event log has, without the events' own data. A partition a day: what is too old is dropped, not deleted.
CREATE TABLE envelopes (
    time timestamptz NOT NULL,
    id uuid NOT NULL,
    source text NOT NULL,
    type text NOT NULL,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    correlation_id text NOT NULL,
    causation_id uuid,
    log_offset bigint NOT NULL,
    log_index integer NOT NULL,
    bytes integer NOT NULL
) PARTITION BY RANGE (time);
CREATE INDEX envelopes_by_time ON envelopes (time, id);
CREATE INDEX envelopes_by_id ON envelopes (id);
CREATE INDEX envelopes_by_type ON envelopes (type, time, id);
CREATE INDEX envelopes_by_subject ON envelopes (subject, time, id);
CREATE INDEX envelopes_by_cause ON envelopes (causation_id) WHERE causation_id IS NOT NULL;
CREATE INDEX envelopes_by_request ON envelopes (correlation_id, time, id) WHERE causation_id IS NULL;
