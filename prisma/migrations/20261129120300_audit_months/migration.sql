-- One partition a month for the audit trail (docs/decisions/0051), and the tables of its chain (docs/decisions/0052).
-- Older instances: they insert, update, read and delete by the name and the columns that they know, and write `id`
-- and `salt` by default. Until the first partition's end, a month and more from now, every row is in that one.
DO $$
BEGIN
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
END $$;

ALTER TABLE "AuditEvent" RENAME TO "AuditEvent_before";
ALTER TABLE "AuditEvent_before" RENAME CONSTRAINT "AuditEvent_pkey" TO "AuditEvent_before_pkey";
ALTER INDEX "AuditEvent_userId_at_idx" RENAME TO "AuditEvent_before_userId_at_idx";
ALTER INDEX "AuditEvent_event_at_idx" RENAME TO "AuditEvent_before_event_at_idx";
ALTER INDEX "AuditEvent_at_idx" RENAME TO "AuditEvent_before_at_idx";
-- It is gone by now. This says so to whoever reads these files for what indexes there are.
DROP INDEX IF EXISTS "AuditEvent_pkey";

-- It has no key of its own: for (id, at) PostgreSQL would build an index over all rows of before while everybody waits.
-- Each partition has the key (id), and all get their ids from one sequence.
CREATE TABLE "AuditEvent" (
  "id" BIGINT NOT NULL DEFAULT nextval('"AuditEvent_id_seq"'),
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "event" TEXT NOT NULL,
  "outcome" TEXT NOT NULL,
  "reason" TEXT,
  "userId" UUID,
  "sessionHash" TEXT,
  "provider" TEXT,
  "issuer" TEXT,
  "ip" TEXT,
  "userAgent" TEXT,
  "requestId" TEXT,
  "detail" JSONB NOT NULL,
  "salt" UUID DEFAULT gen_random_uuid(),
  "erased" BYTEA,
  "pseudonym" UUID
) PARTITION BY RANGE ("at");
ALTER SEQUENCE "AuditEvent_id_seq" OWNED BY "AuditEvent"."id";

DO $$
DECLARE
  bound text;
BEGIN
  SELECT (regexp_match(pg_get_constraintdef(oid), '''([^'']+)'''))[1] INTO STRICT bound
    FROM pg_constraint WHERE conrelid = '"AuditEvent_before"'::regclass AND conname = 'AuditEvent_until';
  EXECUTE format('ALTER TABLE "AuditEvent" ATTACH PARTITION "AuditEvent_before" FOR VALUES FROM (MINVALUE) TO (%L)', bound);
END $$;
ALTER TABLE "AuditEvent_before" DROP CONSTRAINT "AuditEvent_until";
-- For times that no month has been made for: no row is ever refused for want of a partition.
CREATE TABLE "AuditEvent_other" PARTITION OF "AuditEvent" (CONSTRAINT "AuditEvent_other_pkey" PRIMARY KEY ("id")) DEFAULT;

-- The indexes of before become their parts, as they are.
CREATE INDEX "AuditEvent_userId_at_idx" ON "AuditEvent"("userId", "at");
CREATE INDEX "AuditEvent_event_at_idx" ON "AuditEvent"("event", "at");
CREATE INDEX "AuditEvent_at_idx" ON "AuditEvent"("at");

CREATE TABLE "AuditSeal" (
  "month" TEXT NOT NULL,
  "number" INTEGER NOT NULL,
  "sealedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "after" TEXT,
  "prior" BYTEA NOT NULL,
  "count" INTEGER NOT NULL,
  "ids" BIGINT[] NOT NULL,
  "digests" BYTEA NOT NULL,
  "content" BYTEA NOT NULL,
  "hash" BYTEA NOT NULL,
  "cutAt" TIMESTAMPTZ(3),
  CONSTRAINT "AuditSeal_pkey" PRIMARY KEY ("month", "number")
);
CREATE INDEX "AuditSeal_sealedAt_idx" ON "AuditSeal"("sealedAt");
CREATE INDEX "AuditSeal_first_idx" ON "AuditSeal"("month") WHERE "number" = 1;
-- Digests cannot be compressed.
ALTER TABLE "AuditSeal" ALTER COLUMN "digests" SET STORAGE EXTERNAL;

CREATE TABLE "AuditSealer" (
  "id" INTEGER NOT NULL DEFAULT 1,
  "since" BIGINT NOT NULL,
  "upTo" BIGINT NOT NULL,
  "gaps" JSONB NOT NULL DEFAULT '[]',
  "anchoredAt" TIMESTAMPTZ(3),
  CONSTRAINT "AuditSealer_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "AuditSealer_one" CHECK ("id" = 1)
);
-- Nobody writes while this runs: every row of before has one of these ids.
INSERT INTO "AuditSealer" ("since", "upTo")
  SELECT newest, newest FROM (
    SELECT greatest((SELECT coalesce(max("id"), 0) FROM "AuditEvent"), CASE WHEN is_called THEN last_value ELSE 0 END) AS newest
    FROM "AuditEvent_id_seq"
  ) AS ids;

-- Where the app signs in as another role than the one that migrates: it may do with the new tables what it might before.
DO $$
DECLARE
  granted record;
BEGIN
  FOR granted IN
    SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee, a.privilege_type AS privilege
    FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = '"AuditEvent_before"'::regclass AND a.grantee <> c.relowner
  LOOP
    EXECUTE format('GRANT %s ON "AuditEvent", "AuditSeal", "AuditSealer" TO %s', granted.privilege, granted.grantee);
  END LOOP;
END $$;
