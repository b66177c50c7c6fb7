-- Imports of files. Rows of finished ones are removed after 30 days.
CREATE TABLE imports (
    -- Ordered by time: imports take effect in this order.
    id             uuid        PRIMARY KEY,
    created_at     timestamptz NOT NULL,
    finished_at    timestamptz,
    -- How many products the file has, how many of them were refused, were written so far, and were changed by that.
    products       integer     NOT NULL,
    refused        integer     NOT NULL,
    written        integer     NOT NULL DEFAULT 0,
    changed        integer     NOT NULL DEFAULT 0,
    correlation_id text        NOT NULL,
    traceparent    text
);
CREATE INDEX imports_finished ON imports (finished_at);

-- Products that are still to be written. Each part is removed with the transaction that writes it.
CREATE TABLE import_parts (
    import_id uuid    NOT NULL REFERENCES imports ON DELETE CASCADE,
    number    integer NOT NULL,
    products  jsonb   NOT NULL,
    PRIMARY KEY (import_id, number)
);

-- Lines that were refused.
CREATE TABLE import_faults (
    import_id uuid    NOT NULL REFERENCES imports ON DELETE CASCADE,
    line      bigint  NOT NULL,
    field     text,
    rule      text    NOT NULL,
    PRIMARY KEY (import_id, line)
);
