-- Who was made an administrator here, rather than at a provider, and what administrators wrote down about a user.
ALTER TABLE "User" ADD COLUMN "adminSince" TIMESTAMPTZ(3), ADD COLUMN "note" TEXT;

-- Lists and searches of administration, each by an index. Bytes are compared, so that a prefix is a range in every locale.
-- On large tables they may be made before with CREATE INDEX CONCURRENTLY under these names: docs/administration.md.
CREATE INDEX IF NOT EXISTS "User_adminSince_idx" ON "User"("adminSince");
CREATE INDEX IF NOT EXISTS "User_createdAt_id_idx" ON "User"("createdAt", "id");
CREATE INDEX IF NOT EXISTS "User_name_prefix_idx" ON "User"((lower("name") COLLATE "C"), "id");
CREATE INDEX IF NOT EXISTS "User_email_prefix_idx" ON "User"("email" COLLATE "C", "id");
CREATE INDEX IF NOT EXISTS "Account_subject_prefix_idx" ON "Account"("providerAccountId" COLLATE "C", "id");
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
