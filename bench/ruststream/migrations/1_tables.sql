CREATE SCHEMA cart;
CREATE TABLE cart.carts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token text NOT NULL,
    version integer NOT NULL DEFAULT 0
);
CREATE TABLE cart.lines (
    cart uuid REFERENCES cart.carts,
    sku text,
    quantity integer NOT NULL,
    PRIMARY KEY (cart, sku)
);
CREATE TABLE cart.idempotency_keys (
    cart uuid REFERENCES cart.carts,
    key text,
    PRIMARY KEY (cart, key)
);
CREATE TABLE cart.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payload bytea NOT NULL
);

CREATE SCHEMA inventory;
CREATE TABLE inventory.stock (sku text PRIMARY KEY, held bigint NOT NULL);
CREATE TABLE inventory.effects (
    event_id uuid PRIMARY KEY,
    cart uuid NOT NULL,
    sku text NOT NULL,
    quantity integer NOT NULL
);

CREATE SCHEMA recommend;
CREATE TABLE recommend.carts (cart uuid PRIMARY KEY, skus text[] NOT NULL);
CREATE TABLE recommend.effects (LIKE inventory.effects INCLUDING ALL);

CREATE SCHEMA notify;
CREATE TABLE notify.mails (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cart uuid NOT NULL,
    text text NOT NULL
);
CREATE TABLE notify.effects (LIKE inventory.effects INCLUDING ALL);
