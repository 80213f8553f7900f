-- The key that a grant's access tokens are bound to (DPoP, RFC 9449), sealed, and which of them are.
ALTER TABLE "Grant" ADD COLUMN "sealedProofKey" TEXT;
ALTER TABLE "AccessToken" ADD COLUMN "isBound" BOOLEAN NOT NULL DEFAULT false;
