ALTER TABLE "Grant" ADD COLUMN "retryAt" TIMESTAMPTZ(3), ADD COLUMN "userInfo" JSONB, ADD COLUMN "userInfoAt" TIMESTAMPTZ(3);

-- "scope" was what the provider granted, and is what was asked for from now on. Rows of before are not found any more and
-- cost their session one refresh; the sweep takes them. Changing them here would lock the table for as long as it is large.
ALTER TABLE "AccessToken" ADD COLUMN "grantedScope" TEXT NOT NULL DEFAULT '';
