-- Takes the place of the index that 0008 drops. Not in one migration: what waits for the one lock must not hold the other.
CREATE INDEX mails_in_cart ON mails (cart_id);
