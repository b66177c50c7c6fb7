-- Whom to write to about a cart: the shopper that was attached last.
CREATE TABLE shoppers (
    cart_id  uuid PRIMARY KEY,
    email    text NOT NULL,
    language text NOT NULL
);

-- A row for every addition to a cart, whether there is somebody to write to or not.
CREATE TABLE mails (
    -- The addition; the mail's Message-ID comes from it.
    event_id       uuid        PRIMARY KEY,
    cart_id        uuid        NOT NULL,
    sku            text        NOT NULL,
    name           text        NOT NULL,
    quantity       bigint      NOT NULL,
    line_quantity  bigint      NOT NULL,
    -- In minor units of the currency.
    unit_price     bigint      NOT NULL,
    currency       text        NOT NULL,
    email          text,
    language       text,
    correlation_id text        NOT NULL,
    traceparent    text,
    status         text        NOT NULL CHECK (status IN ('queued', 'sent', 'failed', 'unaddressed')),
    -- How often it was handed to the mail server.
    attempts       integer     NOT NULL DEFAULT 0,
    -- None: it will not be sent, or not again.
    next_attempt   timestamptz,
    -- Until then it is in the hands of the sender that claimed it; also the mark by which that sender knows it.
    leased_until   timestamptz,
    queued_at      timestamptz NOT NULL DEFAULT now(),
    sent_at        timestamptz,
    -- Never holds an address.
    error          text,
    CHECK ((status = 'unaddressed') = (email IS NULL)),
    CHECK ((status = 'queued') = (next_attempt IS NOT NULL)),
    CHECK ((status = 'sent') = (sent_at IS NOT NULL))
) WITH (
    -- Every row is written three times: queued, claimed, recorded.
    fillfactor = 70
);

CREATE INDEX mails_due ON mails (next_attempt, event_id) WHERE status = 'queued';
CREATE INDEX mails_of_cart ON mails (cart_id, event_id);
