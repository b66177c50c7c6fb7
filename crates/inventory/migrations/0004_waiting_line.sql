-- The place of a line that is short in the waiting line of its SKU: what comes free goes to the one with the least. None of a
-- line that has all it wants, or that has lapsed.
CREATE SEQUENCE places;
ALTER TABLE holds
    ADD COLUMN place       bigint,
    ADD COLUMN waits_since timestamptz,
    -- Nothing is held, and nothing waited for, until something happens in the cart.
    ADD COLUMN lapsed      boolean NOT NULL DEFAULT false,
    -- When the line came; unknown of those from before.
    ADD COLUMN since       timestamptz;

UPDATE holds SET place = nextval('places'), waits_since = now() WHERE held < wanted;
