-- The clock that all instances share: due times, leases and retries are compared with it. A test turns it by replacing
-- this function. It is inlined, so a query plan does not show it.
CREATE FUNCTION bus.now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE RETURN now();
