import { createHash, timingSafeEqual } from "node:crypto";
import { cleanUp } from "@/server/accounts/clean-up";
import { databaseFailureCode } from "@/server/db/unavailable";
import { errorJson } from "@/server/http/error-reply";
import { describeError, log } from "@/server/http/log";
import { env } from "@/server/settings/env";

const sweepTimeMs = 8_000;
// Seconds, for hosts that end a function: the batch under way and slow providers come on top.
export const maxDuration = 30;

/**
 * The clean-up, for a scheduler. By Vercel Cron's convention: a GET with `Authorization: Bearer <CRON_SECRET>`; without
 * that variable the route stays shut.
 */
export async function GET(request: Request): Promise<Response> {
  const { cronSecret } = env();
  if (cronSecret === null || !isSame(request.headers.get("authorization") ?? "", `Bearer ${cronSecret}`)) {
    return errorJson("not_authenticated");
  }
  try {
    return Response.json(await cleanUp({ by: "schedule", timeMs: sweepTimeMs }), {
      headers: { "Cache-Control": "private, no-store" },
    });
  } catch (error) {
    log.error("sweep.failed", { cause: describeError(error) });
    return errorJson(databaseFailureCode(error));
  }
}

// Digests have one length, so that comparing tells nothing of the secret's.
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
