-- In the order in which a running instance locks them.
LOCK TABLE carts, lines IN ACCESS EXCLUSIVE MODE;
-- What a cart is besides its lines and its shopper: the fold of its events, too.
ALTER TABLE carts
    ADD COLUMN note         text,
    ADD COLUMN is_quiet     boolean NOT NULL DEFAULT false,
    ADD COLUMN is_abandoned boolean NOT NULL DEFAULT false,
    ADD COLUMN ended        text CHECK (ended IN ('merged', 'deleted', 'expired')),
    ADD COLUMN merged_into  uuid,
    -- Which of the cart's tokens is the one that opens it; no part of the fold.
    ADD COLUMN token_number bigint NOT NULL DEFAULT 0;

ALTER TABLE lines
    -- The order of lines that came at the same version.
    ADD COLUMN rank       integer NOT NULL DEFAULT 0,
    -- The price that the shopper has seen, where it is another one.
    ADD COLUMN seen_price bigint,
    ADD COLUMN fields     jsonb;

-- What was saved for later.
CREATE TABLE saved_lines (
    cart_id    uuid    NOT NULL,
    sku        text    NOT NULL,
    place      bigint  NOT NULL,
    rank       integer NOT NULL,
    name       text    NOT NULL,
    unit_price bigint  NOT NULL,
    currency   text    NOT NULL,
    quantity   bigint  NOT NULL CHECK (quantity > 0),
    seen_price bigint,
    fields     jsonb,
    PRIMARY KEY (cart_id, sku)
) WITH (fillfactor = 80);

-- Carts as they were at some of their versions, so that a past state is not folded from the first event on. They can be
-- dropped; a release that folds otherwise empties this table.
CREATE TABLE cart_snapshots (
    cart_id uuid   NOT NULL,
    version bigint NOT NULL,
    cart    jsonb  NOT NULL,
    PRIMARY KEY (cart_id, version)
);
