-- How many mails an address has got in the hour that began with the first of them.
CREATE TABLE mail_quotas (
    -- SHA-256 of the address in lower case.
    address_hash bytea       PRIMARY KEY,
    since        timestamptz NOT NULL,
    mails        integer     NOT NULL,
    -- How many the last transaction was granted.
    granted      integer     NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX mail_quotas_since ON mail_quotas (since);

-- Addresses that get no mails any more.
CREATE TABLE suppressions (
    address_hash bytea       PRIMARY KEY,
    id           bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    -- Masked, for people.
    address      text        NOT NULL,
    reason       text        NOT NULL CHECK (reason IN ('unsubscribed', 'operator')),
    since        timestamptz NOT NULL
);

-- Why there is nobody to write to though the cart has a shopper. Then the row has no address either.
ALTER TABLE mails ADD COLUMN suppressed text CHECK (suppressed IN ('unsubscribed', 'too-many'));

-- By which the queued mails of an address that unsubscribes are found.
ALTER TABLE mails ADD COLUMN address_hash bytea;
CREATE INDEX mails_queued_for ON mails (address_hash) WHERE status = 'queued';
