-- What tracing systems added to the trace that an import belongs to.
ALTER TABLE imports ADD COLUMN tracestate text;
