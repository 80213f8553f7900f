-- Not with its column: nobody could read a user while it is made.
CREATE INDEX IF NOT EXISTS "User_adminSince_idx" ON "User"("adminSince");
