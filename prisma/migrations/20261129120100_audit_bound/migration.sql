-- The table of the audit trail becomes the first partition of one that has a partition for each month, see
-- docs/decisions/0051. Here it is told where it ends: the month after next, and after whatever it holds. No row is read.
-- Older instances: they write the time of now, which lies a month and more before that end.
DO $$
DECLARE
  bound timestamptz;
BEGIN
  -- Where a backup reads the table, waiting for it in the queue would have every sign-in wait behind.
  FOR attempt IN 1..120 LOOP
    BEGIN
      SET LOCAL lock_timeout = '500ms';
      LOCK TABLE "AuditEvent" IN ACCESS EXCLUSIVE MODE;
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      IF attempt = 120 THEN RAISE; END IF;
      PERFORM pg_sleep(0.5);
    END;
  END LOOP;
  SET LOCAL lock_timeout = 0;
  SELECT date_trunc('month', greatest(now() + interval '1 month', max("at")) AT TIME ZONE 'UTC') + interval '1 month'
    INTO bound FROM "AuditEvent";
  EXECUTE format('ALTER TABLE "AuditEvent" ADD CONSTRAINT "AuditEvent_until" CHECK ("at" < %L) NOT VALID',
    to_char(bound, 'YYYY-MM-DD') || ' 00:00:00+00');
END $$;
