-- How long providers took over the sign-ins of a day: half were faster, and 19 of 20.
ALTER TABLE "DailyCount" ADD COLUMN "signInMedian" INTEGER, ADD COLUMN "signInP95" INTEGER;
