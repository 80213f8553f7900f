-- When the clean-up last ran, by each who may do it: the doctor reads it.
CREATE TABLE "CleanUp" (
    "by" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "isDone" BOOLEAN NOT NULL,

    CONSTRAINT "CleanUp_pkey" PRIMARY KEY ("by")
);
