-- What was published and not confirmed: how often, and when it is published again, unless the broker confirms it before.
ALTER TABLE bus.outbox ADD COLUMN publications integer NOT NULL DEFAULT 0;
ALTER TABLE bus.outbox ADD COLUMN publish_after timestamptz;
