-- Who acted, as they say of themselves.
ALTER TABLE bus.audit ADD COLUMN operator text;

-- What was done to one thing.
CREATE INDEX audit_of_target ON bus.audit (target, id);
