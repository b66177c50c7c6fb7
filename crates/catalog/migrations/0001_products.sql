CREATE TABLE products (
    -- Sorted by its bytes, as the service sorts it too.
    sku         text COLLATE "C" PRIMARY KEY,
    name        text    NOT NULL,
    -- The name in lower case, folded by the service, so that a search finds the same under every locale.
    folded_name text    NOT NULL,
    description text,
    amount      bigint  NOT NULL CHECK (amount >= 0),
    currency    text    NOT NULL,
    retired     boolean NOT NULL DEFAULT false
);
