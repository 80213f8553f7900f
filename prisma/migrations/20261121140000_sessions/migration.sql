-- AlterTable
-- The defaults let a build of before write sessions while both run.
ALTER TABLE "Session" ADD COLUMN     "expiresBy" TEXT NOT NULL DEFAULT 'policy',
ADD COLUMN     "issuedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- CreateTable
CREATE TABLE "LogoutToken" (
    "id" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "subject" TEXT,
    "providerSessionId" TEXT,
    "issuedAt" TIMESTAMPTZ(3) NOT NULL,
    "receivedAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LogoutToken_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "LogoutToken_issuer_providerSessionId_idx" ON "LogoutToken"("issuer", "providerSessionId");

-- CreateIndex
CREATE INDEX "LogoutToken_issuer_subject_idx" ON "LogoutToken"("issuer", "subject");

-- CreateIndex
CREATE INDEX "LogoutToken_expiresAt_idx" ON "LogoutToken"("expiresAt");

-- CreateIndex
CREATE INDEX "Session_endedAt_idleExpiresAt_idx" ON "Session"("endedAt", "idleExpiresAt");
