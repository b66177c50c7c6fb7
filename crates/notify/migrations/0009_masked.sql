-- Enough of an address to recognize it, and not enough to write to it, as people see it: nobody writes to the address of a mail
-- that was sent.
CREATE FUNCTION masked(address text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN address ~ '^.{3,}@[^@]*$' THEN regexp_replace(address, '^(.).*(.)@([^@]*)$', '\1…\2@\3')
        WHEN strpos(address, '@') > 0 THEN regexp_replace(address, '^.*@([^@]*)$', '…@\1')
        ELSE '…'
    END
$$;
-- What former releases sent, and those that run beside this one.
CREATE INDEX mails_unmasked ON mails (event_id) WHERE status = 'sent' AND strpos(email, '…') = 0;
