-- An index that has the event in second place was read from end to end for one event, where the planner took the table for
-- an empty one.
CREATE INDEX mails_in_cart ON mails (cart_id);
DROP INDEX mails_of_cart;
