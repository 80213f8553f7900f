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
  matcher: ["/((?!_next/static/).*)"],
};
