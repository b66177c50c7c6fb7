-- An event is written in the transaction that moved its cart's version, so its cart is there. To look again for each event
-- cost more than writing it.
-- In the order in which a running instance locks them: the change alone would begin with the other one, and the two could
-- wait for each other.
LOCK TABLE carts, cart_events IN ACCESS EXCLUSIVE MODE;
ALTER TABLE cart_events DROP CONSTRAINT cart_events_cart_id_fkey;
