-- Whether anybody ever counted or received it: until then nobody was told that there is none. A former release leaves it
-- false, so the next count is published once more.
ALTER TABLE stock ADD COLUMN counted boolean NOT NULL DEFAULT false;
