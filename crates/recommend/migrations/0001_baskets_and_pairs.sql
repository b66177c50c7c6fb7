-- What is in the carts, so that whatever an item taught can be taken back exactly.
CREATE TABLE cart_items (
    cart_id  uuid    NOT NULL,
    sku      text    COLLATE "C" NOT NULL,
    quantity bigint  NOT NULL CHECK (quantity > 0),
    -- Grows in the order in which the products came into the cart.
    place    bigint  NOT NULL,
    -- Whether the pairs count it as met with the cart's other such items.
    taught   boolean NOT NULL,
    PRIMARY KEY (cart_id, sku)
);
-- A cart may have a thousand lines of which a few dozen taught: a new item reads only those.
CREATE INDEX cart_items_taught ON cart_items (cart_id) WHERE taught;

-- In how many carts two products stand together. Each pair is one row; "sku" is the one that sorts first.
CREATE TABLE pairs (
    sku   text     COLLATE "C" NOT NULL,
    other text     COLLATE "C" NOT NULL CHECK (sku < other),
    carts bigint   NOT NULL,
    -- The number's rough size. It is in the indexes instead of the number itself, so that the strongest pairs are found
    -- first, and yet counting up hardly ever rewrites an index entry (mostly a heap-only update).
    level smallint NOT NULL
          GENERATED ALWAYS AS (width_bucket(carts, ARRAY[4, 16, 64, 256, 1024, 4096]::bigint[])) STORED,
    PRIMARY KEY (sku, other)
) WITH (fillfactor = 80);
CREATE INDEX pairs_of_sku ON pairs (sku, level DESC);
CREATE INDEX pairs_of_other ON pairs (other, level DESC);

-- The catalog's products, from its events.
CREATE TABLE products (
    sku     text COLLATE "C" PRIMARY KEY,
    name    text    NOT NULL,
    retired boolean NOT NULL
);
