-- What is in the warehouse, and how much of it is promised to carts. Rows are never deleted.
CREATE TABLE stock (
    sku     text   PRIMARY KEY,
    on_hand bigint NOT NULL,
    -- The sum of `held` of all holds of this SKU.
    held    bigint NOT NULL,
    CONSTRAINT never_oversold CHECK (held BETWEEN 0 AND on_hand)
) WITH (fillfactor = 70);

-- What each cart's line wants and gets. Whoever changes a hold has locked its SKU's row in `stock`.
CREATE TABLE holds (
    cart_id uuid   NOT NULL,
    sku     text   NOT NULL,
    wanted  bigint NOT NULL CHECK (wanted > 0),
    held    bigint NOT NULL CHECK (held BETWEEN 0 AND wanted),
    PRIMARY KEY (cart_id, sku)
) WITH (fillfactor = 80);

-- Goods that came in.
CREATE TABLE receipts (
    number      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The caller's own name for it.
    reference   text        NOT NULL UNIQUE,
    received_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE receipt_items (
    receipt  bigint NOT NULL REFERENCES receipts,
    sku      text   NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (receipt, sku)
);
