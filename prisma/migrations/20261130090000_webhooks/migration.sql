-- What the app's webhook is told of: written in the transaction of what happened, delivered after it.
CREATE TABLE "WebhookMessage" (
  "id" UUID NOT NULL,
  "event" TEXT NOT NULL,
  "userId" UUID,
  "data" JSONB NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "attempts" INTEGER NOT NULL DEFAULT 0,
  "nextAttemptAt" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP,
  "deliveredAt" TIMESTAMPTZ(3),
  "lastFailure" TEXT,
  "expiresAt" TIMESTAMPTZ(3) NOT NULL,

  CONSTRAINT "WebhookMessage_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "WebhookMessage_nextAttemptAt_idx" ON "WebhookMessage"("nextAttemptAt");
CREATE INDEX "WebhookMessage_userId_idx" ON "WebhookMessage"("userId");
CREATE INDEX "WebhookMessage_expiresAt_idx" ON "WebhookMessage"("expiresAt");

ALTER TABLE "WebhookMessage" ADD CONSTRAINT "WebhookMessage_userId_fkey"
  FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
