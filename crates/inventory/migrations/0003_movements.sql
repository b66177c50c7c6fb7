-- The ledger: whatever changed what is on hand. It adds up to the stock, at each location.
CREATE TABLE movements (
    number     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku        text        NOT NULL,
    location   text        NOT NULL,
    -- opening, receipt, adjustment, count; or unrecorded: somebody changed the stock without an entry, as the release
    -- before this one does, and a restored database.
    kind       text        NOT NULL,
    pieces     bigint      NOT NULL CHECK (pieces <> 0),
    -- After it.
    on_hand    bigint      NOT NULL CHECK (on_hand >= 0),
    receipt    bigint      REFERENCES receipts,
    adjustment bigint,
    moved_at   timestamptz NOT NULL
);
CREATE INDEX movements_of_stock ON movements (sku, location, number);
-- A product's ledger, page by page.
CREATE INDEX movements_of_sku ON movements (sku, number);
CREATE INDEX movements_of_adjustment ON movements (adjustment) WHERE adjustment IS NOT NULL;

INSERT INTO movements (sku, location, kind, pieces, on_hand, moved_at)
SELECT sku, 'main', 'opening', on_hand, on_hand, now() FROM stock WHERE on_hand <> 0 ORDER BY sku;

-- Pieces that were found, lost, broken, or given away.
CREATE TABLE adjustments (
    number      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The caller's own name for it.
    reference   text        NOT NULL UNIQUE,
    reason      text        NOT NULL,
    location    text        NOT NULL,
    adjusted_at timestamptz NOT NULL
);
ALTER TABLE movements ADD FOREIGN KEY (adjustment) REFERENCES adjustments;
