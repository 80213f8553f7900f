import type { NextRequest } from "next/server";
import daemun from "@/daemun.config";
import { createGateHandler } from "@/edge/answer";
import { cookieSite } from "@/edge/cookie-names";
import { readSecrets } from "@/edge/secrets";
import { ownAliases } from "@/edge/url-aliases";

/**
 * The gate runs before everything but build output. It is a courtesy, not the boundary: whatever it lets through
 * checks the session's row itself.
 */
const authUrl = process.env.AUTH_URL || `http://localhost:${process.env.PORT || "3000"}`;
// On Vercel nothing of ours stands behind it that would take the note away.
const hasCollector = Boolean(process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || process.env.OTEL_EXPORTER_OTLP_ENDPOINT);
const keep = createGateHandler(daemun, {
  secrets: readSecrets(process.env),
  authUrl,
  notesOutcome: hasCollector && !process.env.VERCEL,
  aliases: ownAliases(process.env),
  handsOn: Boolean(process.env.AUTH_URL_ALIASES),
  ...cookieSite(authUrl),
});

export default function middleware(request: NextRequest) {
  return keep(request);
}

export const config = {
  // Not the proxy: it checks everything itself, and with middleware in front Next would keep a copy of each body.
  matcher: ["/((?!_next/static/|api/services/).*)"],
};
