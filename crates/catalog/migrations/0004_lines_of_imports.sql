ALTER TABLE import_parts
    -- In which line of the file each product stood. Empty in parts from before there was this column.
    ADD COLUMN lines bigint[] NOT NULL DEFAULT '{}';
