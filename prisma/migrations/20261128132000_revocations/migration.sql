CREATE TABLE "Revocation" (
  "id" UUID NOT NULL,
  "userId" UUID,
  "provider" TEXT NOT NULL,
  "issuer" TEXT NOT NULL,
  "subject" TEXT,
  "sealedToken" TEXT NOT NULL,
  "retryAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expiresAt" TIMESTAMPTZ(3) NOT NULL,

  CONSTRAINT "Revocation_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "Revocation_provider_retryAt_idx" ON "Revocation"("provider", "retryAt");
CREATE INDEX "Revocation_expiresAt_idx" ON "Revocation"("expiresAt");

-- Connections alone: whom a sign-in is of, its session knows.
CREATE INDEX "Grant_issuer_subject_idx" ON "Grant"("issuer", "subject");
