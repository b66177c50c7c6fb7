-- How far the service was before a consumer's session subscribed. A new queue is caught up with from the smallest of
-- these: whoever subscribes later counts in what others have taken from the new queue already. A session deletes its row
-- once it is clear that it does not hold the queue's marker.
CREATE TABLE bus.sessions (
    id       uuid        PRIMARY KEY,
    -- Whether anything had been taken; if so, when the youngest event happened that had been, if that is known.
    is_new   boolean     NOT NULL,
    progress timestamptz,
    began_at timestamptz NOT NULL DEFAULT bus.now()
);

-- Whether the service had taken nothing before: one that decides then passes over what lies before the marker.
ALTER TABLE bus.catching_up ADD COLUMN is_new boolean NOT NULL DEFAULT false;
ALTER TABLE bus.catching_up ADD COLUMN started_at timestamptz NOT NULL DEFAULT bus.now();
