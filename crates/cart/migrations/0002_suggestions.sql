-- What recommend says that goes with a cart, the strongest first; copied from its events.
CREATE TABLE suggestions (
    cart_id    uuid   PRIMARY KEY,
    skus       text[] NOT NULL,
    -- The product of the cart that each is suggested for; null for one that is only popular.
    because_of text[] NOT NULL
) WITH (fillfactor = 80);
