ALTER SCHEMA public OWNER TO pg_monitor;
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO pg_signal_backend;
