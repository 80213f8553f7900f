-- What lets a row of the audit trail be erased without breaking the chain over it, see docs/decisions/0052.
-- `salt` goes into the digest of what is personal; `erased` is that digest, once the personal part is gone.
ALTER TABLE "AuditEvent" ADD COLUMN "salt" UUID, ADD COLUMN "erased" BYTEA, ADD COLUMN "pseudonym" UUID;
