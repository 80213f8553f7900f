-- The organization that a user works in and what people call theirs; the address as the provider gave it, verified or not.
ALTER TABLE "Session" ADD COLUMN "organization" TEXT;
ALTER TABLE "Session" ADD COLUMN "organizationNames" JSONB;
ALTER TABLE "Session" ADD COLUMN "givenEmail" TEXT;

-- Which account at a service a connection is of, in that service's words.
ALTER TABLE "Grant" ADD COLUMN "accountLabel" TEXT;
