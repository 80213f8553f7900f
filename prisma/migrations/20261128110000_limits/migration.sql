-- CreateTable
-- Unlogged: what it counts is over within a minute, and a crash may forget it. Half of each page is left free, so that
-- counting on rewrites a row where it stands and touches no index.
CREATE UNLOGGED TABLE "RateLimit" (
    "key" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "RateLimit_pkey" PRIMARY KEY ("key")
) WITH (fillfactor = 50);

-- CreateIndex
CREATE INDEX "RateLimit_expiresAt_idx" ON "RateLimit"("expiresAt");
