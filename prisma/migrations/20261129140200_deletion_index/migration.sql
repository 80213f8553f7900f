-- Not with its column: nobody could read a user while it is made.
CREATE INDEX "User_deletionDueAt_idx" ON "User"("deletionDueAt");
