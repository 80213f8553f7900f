-- Where a sign-in that came back once led to, for a callback that is delivered again.
ALTER TABLE "SpentState" ADD COLUMN "returnTo" TEXT;

CREATE TABLE "ReturnPath" (
    "stateHash" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ReturnPath_pkey" PRIMARY KEY ("stateHash")
);

CREATE INDEX "ReturnPath_expiresAt_idx" ON "ReturnPath"("expiresAt");
