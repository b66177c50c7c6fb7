-- When a mail is sent next, and how often it was tried, stands in calls.calls now. The columns attempts, next_attempt,
-- leased_until and error stay for the release before, which may run beside this one; it leaves alone what has a time that
-- never comes.
CREATE INDEX mails_failed ON mails (event_id) WHERE status = 'failed';
