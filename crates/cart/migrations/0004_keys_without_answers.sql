-- A request with a key that came before is answered with the cart as it is now, so no answers are kept. Former releases
-- still read the column as JSON, and it goes in a later one.
ALTER TABLE idempotency ALTER COLUMN answer SET DEFAULT 'null';
-- The version that the request gave its cart; unknown of requests from before.
ALTER TABLE idempotency ADD COLUMN version bigint;
