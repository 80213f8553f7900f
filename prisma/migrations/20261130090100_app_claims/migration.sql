-- What the app's own onSignIn added to a session.
ALTER TABLE "Session" ADD COLUMN "appClaims" JSONB;
