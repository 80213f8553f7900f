/** What Prisma's migration makes of `schema.prisma`: the engine that would do it is fetched from elsewhere than npm. */
export const tables = `
  CREATE TABLE "User" ("id" TEXT PRIMARY KEY, "name" TEXT, "email" TEXT, "emailVerified" TIMESTAMP(3), "image" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL);
  CREATE UNIQUE INDEX "User_email_key" ON "User" ("email");
  CREATE TABLE "Account" ("userId" TEXT NOT NULL REFERENCES "User" ON DELETE CASCADE, "type" TEXT NOT NULL, "provider" TEXT NOT NULL,
    "providerAccountId" TEXT NOT NULL, "refresh_token" TEXT, "access_token" TEXT, "expires_at" INTEGER, "token_type" TEXT,
    "scope" TEXT, "id_token" TEXT, "session_state" TEXT, "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL, PRIMARY KEY ("provider", "providerAccountId"));
  CREATE TABLE "Session" ("sessionToken" TEXT NOT NULL, "userId" TEXT NOT NULL REFERENCES "User" ON DELETE CASCADE,
    "expires" TIMESTAMP(3) NOT NULL, "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL);
  CREATE UNIQUE INDEX "Session_sessionToken_key" ON "Session" ("sessionToken");`;
