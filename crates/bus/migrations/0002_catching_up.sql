-- When the last event that was taken of a subject happened: from there on the event log is read to catch up.
ALTER TABLE bus.positions ADD COLUMN time timestamptz;
-- When the subject's last event was taken, after which none follows: such positions are forgotten in the end. The
-- index holds only those, so moving any other position touches no index.
ALTER TABLE bus.positions ADD COLUMN ended_at timestamptz;
CREATE INDEX positions_ended ON bus.positions (ended_at) WHERE ended_at IS NOT NULL;

-- What an operator names a parked event by.
ALTER TABLE bus.parked ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY UNIQUE;
-- "fatal": whoever tried it did not live to tell. Never tried again unless an operator says so.
ALTER TABLE bus.parked DROP CONSTRAINT parked_state_check;
ALTER TABLE bus.parked ADD CONSTRAINT parked_state_check CHECK (state IN ('failed', 'waiting', 'fatal'));
CREATE INDEX parked_due ON bus.parked (next_attempt) WHERE next_attempt IS NOT NULL;

-- Where reading the event log began, for each marker that asked for it: a consumer that dies on the way must not
-- take what others have taken meanwhile for the beginning.
CREATE TABLE bus.catching_up (
    marker uuid        PRIMARY KEY,
    since  timestamptz
);
