-- Reads all rows once, beside whoever writes, so that the next migration need not read them while everybody waits.
-- Older instances: this lock stops neither reading nor writing.
ALTER TABLE "AuditEvent" VALIDATE CONSTRAINT "AuditEvent_until";
