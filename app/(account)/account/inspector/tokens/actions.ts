"use server";

import type { ErrorCode } from "@/edge/error-codes";
import { isOwnFormToken } from "@/server/sessions/cookies/form-token";
import { auditDenial, auditForgery } from "@/server/sessions/guards/denial";
import { auditExposure } from "@/server/sessions/guards/exposed-token";
import { requireSession } from "@/server/sessions/guards/require-session";
import { getAccessTokenFor } from "@/server/sessions/guards/session-tokens";
import { isConfirmed, stepUpAddress } from "@/server/sessions/guards/step-up";
import { sessionPolicy, showsRawTokens } from "@/server/sessions/registry/policy";
import { findProvider } from "@/server/settings/env";

export type Shown =
  | { kind: "tokens"; tokens: { of: string; token: string }[] }
  | { kind: "confirm"; href: string }
  | { kind: "failed"; code: ErrorCode };

const ownPath = "/account/inspector/tokens";

/**
 * The access tokens of this session as they are: where `inspector.raw` of daemun.config.ts says so, after a recent sign-in, and
 * each only once it is written down (`token.exposed`). Refresh tokens are shown to nobody.
 */
export async function showRawTokens(_: Shown | null, form: FormData): Promise<Shown> {
  const session = await requireSession({ returnTo: ownPath });
  const token = form.get("csrfToken");
  if (!(await isOwnFormToken(typeof token === "string" ? token : undefined))) {
    await auditForgery(session, ownPath);
    return { kind: "failed", code: "csrf_rejected" };
  }
  if (!showsRawTokens()) {
    await auditDenial(session, ownPath);
    return { kind: "failed", code: "forbidden" };
  }
  const { recentSignInSeconds: maxAgeSeconds } = sessionPolicy();
  // A link, and no redirect: it leads to another origin, where a script's own fetch cannot follow.
  if (!isConfirmed(session, { maxAgeSeconds }))
    return { kind: "confirm", href: await stepUpAddress(session, { maxAgeSeconds }, ownPath) };
  const tokens: { of: string; token: string }[] = [];
  for (const { indicator } of findProvider(session.provider)?.resources ?? []) {
    const outcome = await getAccessTokenFor(session, { resource: indicator });
    if (outcome.kind !== "token") continue;
    const fault = await auditExposure(session, outcome);
    if (fault) return { kind: "failed", code: fault };
    tokens.push({ of: indicator, token: outcome.accessToken });
  }
  return { kind: "tokens", tokens };
}
