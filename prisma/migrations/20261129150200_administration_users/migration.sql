-- Bytes are compared, so that a prefix is a range in every locale.
CREATE INDEX IF NOT EXISTS "User_createdAt_id_idx" ON "User"("createdAt", "id");
CREATE INDEX IF NOT EXISTS "User_name_prefix_idx" ON "User"((lower("name") COLLATE "C"), "id");
CREATE INDEX IF NOT EXISTS "User_email_prefix_idx" ON "User"("email" COLLATE "C", "id");
