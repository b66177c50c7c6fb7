-- An aggregate is a stream of its own: subjects are numbered within their source. '' stands for the one source that a
-- service had in former releases; when the bus is opened, such rows get their aggregate's source.
ALTER TABLE bus.sequences ADD COLUMN source text NOT NULL DEFAULT '';
ALTER TABLE bus.sequences DROP CONSTRAINT sequences_pkey;
ALTER TABLE bus.sequences ADD PRIMARY KEY (source, subject);
-- When the subject's last event was written, after which none follows.
ALTER TABLE bus.sequences ADD COLUMN ended_at timestamptz;
CREATE INDEX sequences_ended ON bus.sequences (ended_at) WHERE ended_at IS NOT NULL;

ALTER TABLE bus.outbox ADD COLUMN source text NOT NULL DEFAULT '';
-- The subject's number before this one, where that is not sequence - 1.
ALTER TABLE bus.outbox ADD COLUMN previous bigint;
ALTER TABLE bus.parked ADD COLUMN previous bigint;

-- What the broker refused, and since when: it holds up its own subject only, and is tried again now and then.
ALTER TABLE bus.outbox ADD COLUMN refusal text;
ALTER TABLE bus.outbox ADD COLUMN refused_at timestamptz;
CREATE INDEX outbox_refused ON bus.outbox (source, subject, id) WHERE refused_at IS NOT NULL;

-- The sources of former releases whose rows have got their new names.
CREATE TABLE bus.renamed_sources (source text PRIMARY KEY);
