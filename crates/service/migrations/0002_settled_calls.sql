-- By which calls are forgotten that nobody asks for any more.
CREATE INDEX calls_settled ON calls.calls (settled_at) WHERE state IN ('done', 'withdrawn');
