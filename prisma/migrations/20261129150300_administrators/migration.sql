-- Who was made an administrator here, rather than at a provider, and what administrators wrote down about a user.
ALTER TABLE "User" ADD COLUMN "adminSince" TIMESTAMPTZ(3), ADD COLUMN "note" TEXT;
