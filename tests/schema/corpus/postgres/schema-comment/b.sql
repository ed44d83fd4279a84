CREATE SCHEMA app;
COMMENT ON SCHEMA app IS 'what''s in it \ here';
COMMENT ON SCHEMA public IS 'ours';
