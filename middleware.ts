import type { NextRequest } from "next/server";
import daemun from "@/daemun.config";
import { createGatekeeper } from "@/edge/answer";
import { readSecrets } from "@/edge/secrets";

/**
 * The gate runs before everything but build output. It is a courtesy, not the boundary: whatever it lets through
 * checks the session's row itself.
 */
const keep = createGatekeeper(daemun, {
  secrets: readSecrets(process.env),
  secure: /^https:/i.test(process.env.AUTH_URL ?? ""),
});

export default function middleware(request: NextRequest) {
  return keep(request);
}

export const config = {
  // Not the proxy: it checks everything itself, and with middleware in front Next would keep a copy of each body.
  matcher: ["/((?!_next/static/|api/services/).*)"],
};
