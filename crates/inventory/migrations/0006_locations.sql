-- What is not at the main location, as {location: pieces}; it is a part of `on_hand` and `held`. None where all is at the main
-- location, so that a shop with one place writes nothing of it.
ALTER TABLE stock
    ADD COLUMN on_hand_elsewhere jsonb,
    ADD COLUMN held_elsewhere    jsonb,
    -- With so few available it is low; if it is not set, what the service's setting says.
    ADD COLUMN low_at            bigint CHECK (low_at >= 0);
ALTER TABLE holds ADD COLUMN held_elsewhere jsonb;
ALTER TABLE receipts ADD COLUMN location text NOT NULL DEFAULT 'main';
