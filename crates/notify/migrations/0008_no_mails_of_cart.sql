-- It was read from end to end for one event, where the planner took the table for an empty one.
DROP INDEX mails_of_cart;
