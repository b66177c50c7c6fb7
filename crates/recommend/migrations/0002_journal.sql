-- What is in the carts stays here; what it teaches is computed from the changes, in memory.
DROP TABLE pairs;
DROP INDEX cart_items_taught;
ALTER TABLE cart_items DROP COLUMN taught;

-- How far everything is. One row; whoever appends changes holds its lock until the commit, so that their numbers have
-- no holes and are in the order of the commits: who has read to a number has read all up to it.
CREATE TABLE journal (
    one_row  boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    length   bigint  NOT NULL DEFAULT 0,
    -- How often everything was forgotten.
    epoch    bigint  NOT NULL DEFAULT 0,
    -- Makes shoppers' numbers out of their addresses, which can't be guessed without it.
    key      uuid    NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO journal DEFAULT VALUES;

-- What the model learns, until a snapshot has it.
CREATE TABLE changes (
    id     bigint PRIMARY KEY,
    change json   NOT NULL
);

-- The model as it was when it had learned all changes up to one.
CREATE TABLE snapshots (
    upto     bigint      NOT NULL,
    epoch    bigint      NOT NULL,
    -- Snapshots of another format are passed over.
    format   smallint    NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (epoch, upto)
);
CREATE TABLE snapshot_parts (
    epoch bigint  NOT NULL,
    upto  bigint  NOT NULL,
    part  integer NOT NULL,
    body  bytea   NOT NULL,
    PRIMARY KEY (epoch, upto, part),
    FOREIGN KEY (epoch, upto) REFERENCES snapshots ON DELETE CASCADE
);
-- They are compressed by nothing but themselves, and read once.
ALTER TABLE snapshot_parts ALTER COLUMN body SET STORAGE EXTERNAL;

-- Up to which change the carts' new suggestions were told. Apart from the journal: one instance holds it while it looks,
-- and nobody who appends must wait for that.
CREATE TABLE telling (
    one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    upto    bigint  NOT NULL DEFAULT 0
);
INSERT INTO telling DEFAULT VALUES;

-- What was told last of a cart, to see whether it is different.
CREATE TABLE told (
    cart_id uuid   PRIMARY KEY,
    skus    text[] NOT NULL
);

-- What was known before there was a journal. When it happened is not known; as a version the last place serves.
WITH known AS (
    SELECT 1 AS first, sku, 0::bigint AS place, json_build_object('product', json_build_object(
               'sku', sku, 'what', json_build_object('named', json_build_object('name', name)))) AS change
    FROM products
    UNION ALL
    SELECT 2, sku, 0, json_build_object('product', json_build_object('sku', sku, 'what', 'retired'))
    FROM products WHERE retired
    UNION ALL
    SELECT 3, sku, place, json_build_object('cart', json_build_object(
               'cart', cart_id, 'version', place, 'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
               'what', json_build_object('added', json_build_object('sku', sku))))
    FROM cart_items
)
INSERT INTO changes (id, change) SELECT row_number() OVER (ORDER BY first, place, sku), change FROM known;
UPDATE journal SET length = (SELECT count(*) FROM changes);
UPDATE telling SET upto = (SELECT length FROM journal);

-- The journal tells them now.
DROP TABLE products;
