-- Bytes are compared, so that a prefix is a range in every locale.
CREATE INDEX IF NOT EXISTS "Account_subject_prefix_idx" ON "Account"("providerAccountId" COLLATE "C", "id");
