ALTER TABLE "Session" ADD COLUMN "confirmation" TEXT;
ALTER TABLE "Grant" ADD COLUMN "unansweredRefresh" INTEGER, ADD COLUMN "refreshExpiresAt" TIMESTAMPTZ(3);
