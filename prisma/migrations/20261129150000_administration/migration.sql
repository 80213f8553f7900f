-- Lists and searches of administration, each by an index, one table in each migration. On large tables they may be made
-- before with CREATE INDEX CONCURRENTLY under these names: docs/administration.md.
CREATE INDEX IF NOT EXISTS "Session_live_idx" ON "Session"("createdAt", "id") WHERE "endedAt" IS NULL;
CREATE INDEX IF NOT EXISTS "Session_live_device_idx"
  ON "Session"("provider", (COALESCE("device", '')), "createdAt", "id") WHERE "endedAt" IS NULL;

-- What happened on a day (UTC), counted by the sweep: plots read a row a day, however many audit rows there are.
CREATE TABLE "DailyCount" (
  "day" DATE NOT NULL,
  "events" JSONB NOT NULL,
  "users" INTEGER,
  "sessions" INTEGER,
  "mostSessions" INTEGER,
  "countedAt" TIMESTAMPTZ(3) NOT NULL,

  CONSTRAINT "DailyCount_pkey" PRIMARY KEY ("day")
);
