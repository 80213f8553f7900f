-- Older instances: no table is touched, and a setting of the role in this database harms no statement of theirs.
-- A statement whose client has gone ends within two seconds, also one that waits for a lock. Not said when connecting,
-- because poolers refuse that. Where the role may not, the server is older than 14 or its system cannot tell, the
-- clients' own limits have to do.
DO $$
BEGIN
  EXECUTE format('ALTER ROLE %I IN DATABASE %I SET client_connection_check_interval = ''2s''', current_user, current_database());
EXCEPTION WHEN OTHERS THEN
  RAISE NOTICE 'client_connection_check_interval was not set: %', SQLERRM;
END
$$;
