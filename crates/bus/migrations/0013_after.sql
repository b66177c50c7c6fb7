-- What must have been taken before the event, of another subject. Few events name something.
ALTER TABLE bus.parked ADD COLUMN after_source text, ADD COLUMN after_subject text, ADD COLUMN after_sequence bigint;
-- Nobody who takes an event looks for those that wait for it: they are walked over, in this order.
CREATE INDEX parked_after ON bus.parked (after_sequence, id) WHERE after_sequence IS NOT NULL;

-- Whether so much was taken of another subject.
CREATE FUNCTION bus.is_taken(of_source text, of_subject text, of_sequence bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT of_sequence IS NULL OR of_sequence <= coalesce(
        (SELECT sequence FROM bus.positions WHERE source = of_source AND subject = of_subject), 0)
$$;

-- As before, but what must wait for another subject doesn't come next.
CREATE OR REPLACE FUNCTION bus.first_parked(of_source text, of_subject text, of_position bigint)
RETURNS TABLE (id bigint, sequence bigint, previous bigint, is_next boolean)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT candidate.id, candidate.sequence, candidate.previous,
           candidate.follows AND bus.is_taken(candidate.after_source, candidate.after_subject, candidate.after_sequence)
    FROM (
        (SELECT 1 AS rank, parked.*, true AS follows
         FROM (SELECT parked.id, parked.sequence, parked.previous, after_source, after_subject, after_sequence
               FROM bus.parked
               WHERE parked.source = of_source AND parked.subject = of_subject AND parked.sequence > of_position
                 AND parked.previous IS NOT NULL
                 AND (parked.previous = of_position
                      OR (parked.previous < of_position AND parked.sequence >> 32 > of_position >> 32))
               ORDER BY parked.sequence DESC LIMIT 1) AS parked)
        UNION ALL
        (SELECT 2, parked.*, parked.previous = of_position
         FROM (SELECT parked.id, parked.sequence, coalesce(parked.previous, parked.sequence - 1) AS previous,
                      after_source, after_subject, after_sequence
               FROM bus.parked
               WHERE parked.source = of_source AND parked.subject = of_subject AND parked.sequence > of_position
               ORDER BY parked.sequence LIMIT 1) AS parked)
    ) AS candidate
    ORDER BY candidate.rank LIMIT 1
$$;
