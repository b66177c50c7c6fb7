-- Failed mails that may still be sent again.
CREATE INDEX mails_failed_unmasked ON mails (queued_at) WHERE status = 'failed' AND strpos(email, '…') = 0;
