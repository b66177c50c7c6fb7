-- Enough of an address to recognize it, and not enough to write to it, as people see it: nobody writes to the address of a mail
-- that was sent.
CREATE FUNCTION masked(address text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN address ~ '^.{3,}@[^@]*$' THEN regexp_replace(address, '^(.).*(.)@([^@]*)$', '\1…\2@\3')
        WHEN strpos(address, '@') > 0 THEN regexp_replace(address, '^.*@([^@]*)$', '…@\1')
        ELSE '…'
    END
$$;
-- By which a masked address can still be suppressed, for mails from before there was one: as the program makes it of ordinary
-- addresses.
CREATE FUNCTION hash_of(address text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256(convert_to(lower(btrim(address)), 'UTF8'))
$$;
-- What former releases sent, and those that run beside this one.
CREATE INDEX mails_unmasked ON mails (event_id) WHERE status = 'sent' AND strpos(email, '…') = 0;
