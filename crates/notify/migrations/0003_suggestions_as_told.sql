-- The list as recommend tells it, instead of a column for each of its fields.
ALTER TABLE suggestions ADD COLUMN list jsonb NOT NULL DEFAULT '[]';
UPDATE suggestions
SET list = (SELECT coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'name', name) ORDER BY place), '[]')
            FROM unnest(skus, names) WITH ORDINALITY AS suggested (sku, name, place));
ALTER TABLE suggestions DROP COLUMN skus, DROP COLUMN names, ALTER COLUMN list DROP DEFAULT;
