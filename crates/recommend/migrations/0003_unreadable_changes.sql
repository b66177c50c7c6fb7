-- Changes that the model passed over because they make no sense, for people to look at.
CREATE TABLE unreadable_changes (
    id       bigint      PRIMARY KEY,
    change   text        NOT NULL,
    error    text        NOT NULL,
    found_at timestamptz NOT NULL
);
