-- The keys that this app signs its own assertions with (docs/decisions/0071). Read only where configuration has such a service.
CREATE TABLE "SigningKey" (
  "id" UUID NOT NULL,
  "algorithm" TEXT NOT NULL,
  "publicKey" JSONB NOT NULL,
  "sealedPrivateKey" TEXT NOT NULL,
  "signsFrom" TIMESTAMPTZ(3) NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expiresAt" TIMESTAMPTZ(3),

  CONSTRAINT "SigningKey_pkey" PRIMARY KEY ("id")
);
