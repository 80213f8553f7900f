-- The address of a linked identity as its provider said it, and whether it has verified it. Shown to its user alone.
ALTER TABLE "Account" ADD COLUMN "email" TEXT;
ALTER TABLE "Account" ADD COLUMN "emailVerified" BOOLEAN;
