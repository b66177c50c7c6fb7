-- A publisher that was restored from a backup numbers on in a new epoch, the largest here: numbers are epoch * 2^32 + n.
CREATE TABLE bus.epochs (
    epoch    bigint      PRIMARY KEY,
    began_at timestamptz NOT NULL DEFAULT bus.now()
);
-- The subject's number before the first of its present epoch.
ALTER TABLE bus.sequences ADD COLUMN before_epoch bigint NOT NULL DEFAULT 0;

-- Where publishers that this service listens to went on in another epoch. If more was taken than "previous", the numbers
-- after that and up to "position" are of a history that the publisher has lost.
CREATE TABLE bus.epoch_changes (
    source     text        NOT NULL,
    subject    text        NOT NULL,
    sequence   bigint      NOT NULL,
    previous   bigint      NOT NULL,
    position   bigint      NOT NULL,
    noticed_at timestamptz NOT NULL DEFAULT bus.now(),
    PRIMARY KEY (source, subject, sequence)
);

-- Whether it holds the whole present state of its subject.
ALTER TABLE bus.parked ADD COLUMN is_snapshot boolean NOT NULL DEFAULT false;
-- The few that may come next though numbers before them are missing.
CREATE INDEX parked_jumps ON bus.parked (source, subject, sequence) WHERE previous IS NOT NULL;
CREATE INDEX parked_snapshots ON bus.parked (source, subject, sequence) WHERE is_snapshot;

-- Of a subject's parked events the one that is looked at, and whether it comes next: of those that do, the one of the
-- newest epoch; otherwise the first. The rules are those of the code, see "verdict".
CREATE FUNCTION bus.first_parked(of_source text, of_subject text, of_position bigint)
RETURNS TABLE (id bigint, sequence bigint, previous bigint, is_next boolean)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT candidate.id, candidate.sequence, candidate.previous, candidate.is_next FROM (
        (SELECT 1 AS rank, parked.id, parked.sequence, parked.previous, true AS is_next
         FROM bus.parked
         WHERE parked.source = of_source AND parked.subject = of_subject AND parked.sequence > of_position
           AND parked.previous IS NOT NULL
           AND (parked.previous = of_position
                OR (parked.previous < of_position AND parked.sequence >> 32 > of_position >> 32))
         ORDER BY parked.sequence DESC LIMIT 1)
        UNION ALL
        (SELECT 2, parked.id, parked.sequence, coalesce(parked.previous, parked.sequence - 1),
                coalesce(parked.previous, parked.sequence - 1) = of_position
         FROM bus.parked
         WHERE parked.source = of_source AND parked.subject = of_subject AND parked.sequence > of_position
         ORDER BY parked.sequence LIMIT 1)
    ) AS candidate
    ORDER BY candidate.rank LIMIT 1
$$;
