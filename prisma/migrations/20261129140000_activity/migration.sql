-- One table in each of these migrations: a transaction that holds one and waits for another can stand in the way of requests
-- that lock them in the other order.
ALTER TABLE "Session" ADD COLUMN "deviceId" UUID, ADD COLUMN "notices" TEXT[] DEFAULT ARRAY[]::TEXT[];
