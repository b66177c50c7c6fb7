-- Carts that are merged into another one, while only one of the two events has been taken: that of the cart that takes over, or
-- the end of the one that is taken over. Whichever comes second deletes the row.
CREATE TABLE merges (
    cart_id uuid        PRIMARY KEY,
    since   timestamptz NOT NULL
);
CREATE INDEX merges_since ON merges (since);
