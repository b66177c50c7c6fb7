-- The write side: a cart is its events. "version" is the number of its last one, and the expected version of writes.
CREATE TABLE carts (
    id         uuid        PRIMARY KEY,
    version    bigint      NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);

CREATE TABLE cart_events (
    cart_id  uuid        NOT NULL REFERENCES carts (id),
    version  bigint      NOT NULL,
    event_id uuid        NOT NULL,
    type     text        NOT NULL,
    data     json        NOT NULL,
    time     timestamptz NOT NULL,
    PRIMARY KEY (cart_id, version)
);

-- The read view: a fold of the events, written with them. It can be dropped and folded again.
CREATE TABLE lines (
    cart_id    uuid   NOT NULL,
    sku        text   NOT NULL,
    -- The version at which the line came: the lines' order.
    place      bigint NOT NULL,
    name       text   NOT NULL,
    unit_price bigint NOT NULL,
    currency   text   NOT NULL,
    quantity   bigint NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (cart_id, sku)
) WITH (fillfactor = 80);

CREATE TABLE shoppers (
    cart_id  uuid PRIMARY KEY,
    email    text NOT NULL,
    language text NOT NULL
);

-- What others decided, copied from their events.
CREATE TABLE holds (
    cart_id uuid   NOT NULL,
    sku     text   NOT NULL,
    wanted  bigint NOT NULL,
    held    bigint NOT NULL,
    PRIMARY KEY (cart_id, sku)
) WITH (fillfactor = 80);

CREATE TABLE products (
    sku      text    PRIMARY KEY,
    name     text    NOT NULL,
    price    bigint  NOT NULL,
    currency text    NOT NULL,
    retired  boolean NOT NULL DEFAULT false
);

-- The answers to writes that came with an Idempotency-Key. The scope is the cart, or the nil UUID for new carts.
CREATE TABLE idempotency (
    scope        uuid        NOT NULL,
    key          text        NOT NULL,
    request_hash bytea       NOT NULL,
    cart_id      uuid        NOT NULL,
    answer       bytea       NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_created_at ON idempotency USING brin (created_at);
