-- In one index who waits for an SKU, in their order, and who holds it. Not in one migration with what locks the table's rows.
CREATE INDEX holds_of_sku ON holds (sku, place, cart_id);
-- The SKUs that anybody waits for.
CREATE INDEX waiting_lines ON holds (sku) WHERE place IS NOT NULL;
