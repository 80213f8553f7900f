ALTER TABLE "Grant" ADD COLUMN "issuer" TEXT, ADD COLUMN "subject" TEXT, ADD COLUMN "lastUsedAt" TIMESTAMPTZ(3);

-- One living connection a person and service, whoever connects twice at once. Prisma's schema cannot say "where".
CREATE UNIQUE INDEX "Grant_connection_key" ON "Grant"("userId", "service") WHERE "service" IS NOT NULL AND "endedAt" IS NULL;
