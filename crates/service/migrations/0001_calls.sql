-- Calls to the outside, beside the service's own tables, so that one transaction holds a call and what asks for it. What a
-- call says stands in the service's own rows, which the service finds by the key.
CREATE TABLE calls.calls (
    -- From the business, never a row's number: who asks for the same again gets no second call.
    key          text        PRIMARY KEY,
    -- Whom to call.
    target       text        NOT NULL,
    -- "withdrawn": the service wants it no more.
    state        text        NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'done', 'failed', 'withdrawn')),
    -- How often the target was asked.
    attempts     integer     NOT NULL DEFAULT 0,
    -- None: it is settled.
    next_attempt timestamptz,
    -- Until then it is in the hands of the caller that claimed it; also the mark by which that caller knows it.
    leased_until timestamptz,
    placed_at    timestamptz NOT NULL,
    settled_at   timestamptz,
    -- What went wrong last. Holds nothing of what the call says.
    error        text,
    CHECK ((state = 'due') = (next_attempt IS NOT NULL)),
    CHECK ((state = 'due') = (settled_at IS NULL))
) WITH (
    -- Every row is written three times: placed, claimed, recorded.
    fillfactor = 70
);

CREATE INDEX calls_due ON calls.calls (target, next_attempt, key) WHERE state = 'due';
CREATE INDEX calls_failed ON calls.calls (target, key) WHERE state = 'failed';
