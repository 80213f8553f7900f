ALTER TABLE "Grant" ADD COLUMN "retryAt" TIMESTAMPTZ(3), ADD COLUMN "userInfo" JSONB, ADD COLUMN "userInfoAt" TIMESTAMPTZ(3);

-- "scope" was what the provider granted, and is what was asked for from now on.
ALTER TABLE "AccessToken" ADD COLUMN "grantedScope" TEXT NOT NULL DEFAULT '';
UPDATE "AccessToken" SET "grantedScope" = "scope", "scope" = '';
