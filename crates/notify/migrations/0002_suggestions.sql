-- What recommend says that goes with a cart, the strongest first.
CREATE TABLE suggestions (
    cart_id uuid   PRIMARY KEY,
    skus    text[] NOT NULL,
    names   text[] NOT NULL
) WITH (fillfactor = 80);
