-- Words that are nearly right are found by their trigrams. The extension comes with PostgreSQL; since version 13 the owner
-- of a database may create it there.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

ALTER TABLE products
    -- Categories, picture, variant, attributes, translations.
    ADD COLUMN details              jsonb       NOT NULL DEFAULT '{}',
    -- Not sold before; NULL: sold since it is there.
    ADD COLUMN published_from       timestamptz,
    -- That it is sold is still to be published, at published_from.
    ADD COLUMN awaits_publication   boolean     NOT NULL DEFAULT false,
    ADD COLUMN created_at           timestamptz NOT NULL DEFAULT now(),
    -- Counts the changes of the row. The others say with which of them what was last changed or done.
    ADD COLUMN revision             bigint      NOT NULL DEFAULT 1,
    ADD COLUMN described_revision   bigint      NOT NULL DEFAULT 1,
    ADD COLUMN priced_revision      bigint      NOT NULL DEFAULT 1,
    ADD COLUMN searchable_revision  bigint      NOT NULL DEFAULT 0,
    -- The transaction that changed the row last: by it, instances learn what changed since they looked.
    ADD COLUMN changed_by           xid8        NOT NULL DEFAULT pg_current_xact_id();

CREATE INDEX products_by_variant ON products ((details ->> 'variant_of'), sku);
CREATE INDEX products_to_publish ON products (published_from) WHERE awaits_publication;
CREATE INDEX products_by_change ON products (changed_by);
CREATE INDEX products_to_index ON products (sku) WHERE searchable_revision <> revision;

-- A release that knows no revisions runs beside this one for a while: what it changes is to be indexed, too.
CREATE FUNCTION count_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.revision := OLD.revision + 1;
    NEW.changed_by := pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER count_revision BEFORE UPDATE OF name, description, amount, currency, retired ON products FOR EACH ROW
    WHEN (NEW.revision = OLD.revision) EXECUTE FUNCTION count_revision();

-- Grows by a row with each change of a price.
CREATE TABLE prices (
    sku      text COLLATE "C" NOT NULL,
    -- A price counts from here until the next one.
    since    timestamptz NOT NULL,
    amount   bigint      NOT NULL,
    currency text        NOT NULL,
    PRIMARY KEY (sku, since)
);
INSERT INTO prices (sku, since, amount, currency) SELECT sku, now(), amount, currency FROM products;

-- The index of the search: a row for each product, apart from it, since a search reads one for each product that it finds.
CREATE TABLE search_entries (
    sku        text COLLATE "C" PRIMARY KEY,
    number     bigint GENERATED ALWAYS AS IDENTITY,
    -- The folded words of everything that one can search for.
    words      tsvector NOT NULL
);
-- New words wait in a short list, which makes imports three times as fast. Searches read it from end to end.
CREATE INDEX search_entries_by_word ON search_entries USING gin (words)
    WITH (fastupdate = on, gin_pending_list_limit = 64);

-- All words that there are, or were: for prefixes, and for words that are nearly right. Grows with the languages' words,
-- not with the products.
CREATE TABLE search_words (
    word text COLLATE "C" PRIMARY KEY
);
CREATE INDEX search_words_by_trigram ON search_words USING gin (word gin_trgm_ops) WITH (fastupdate = off);

-- Words that look like this one, also where two letters of a short word are swapped.
CREATE FUNCTION similar_words(wanted text) RETURNS SETOF text LANGUAGE sql STABLE
    SET pg_trgm.similarity_threshold = 0.1
AS $$
    SELECT word FROM search_words WHERE word % wanted ORDER BY similarity(word, wanted) DESC, word LIMIT 100
$$;
