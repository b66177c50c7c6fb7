-- What operators decided, and why, for whoever asks later. A row for each decision, written with it; nothing deletes from it.
CREATE TABLE bus.audit (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT bus.now(),
    -- "parked.discard"
    action  text        NOT NULL,
    -- What it was done to.
    target  text        NOT NULL,
    reason  text,
    details jsonb       NOT NULL
);
