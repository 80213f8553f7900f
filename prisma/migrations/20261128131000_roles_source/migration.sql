ALTER TABLE "Session" ADD COLUMN "rolesSource" TEXT;
