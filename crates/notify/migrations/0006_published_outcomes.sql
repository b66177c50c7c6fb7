-- What became of mails after the backup that the database was restored from, by the events that were published about them.
-- Their rows and calls may only come back when the additions are handled again.
CREATE TABLE published_outcomes (
    event_id uuid    PRIMARY KEY,
    is_sent  boolean NOT NULL
);
