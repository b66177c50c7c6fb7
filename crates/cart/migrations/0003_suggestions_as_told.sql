-- The list as recommend tells it, instead of a column for each of its fields.
ALTER TABLE suggestions ADD COLUMN list jsonb NOT NULL DEFAULT '[]';
UPDATE suggestions
SET list = (SELECT coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'because_of', because_of) ORDER BY place), '[]')
            FROM unnest(skus, because_of) WITH ORDINALITY AS suggested (sku, because_of, place));
ALTER TABLE suggestions DROP COLUMN skus, DROP COLUMN because_of, ALTER COLUMN list DROP DEFAULT;
