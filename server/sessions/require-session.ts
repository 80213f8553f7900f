import "server-only";
import { headers } from "next/headers";
import { forbidden, redirect, unauthorized } from "next/navigation";
import { parseReturnPath } from "@/edge/return-path";
import { answerWith } from "../http/request-context";
import { auditDenial } from "./denial";
import { type ActiveSession, getSessionState } from "./session-state";
import { isConfirmed, type StepUp, stepUpAddress } from "./step-up";

export interface SessionRequirement extends StepUp {
  /** Where to come back to, where the gate has not noted the address itself. */
  returnTo?: string;
  /** The person needs at least one of these roles. */
  roles?: readonly string[];
}

/**
 * The session of whoever is asking, for pages and actions. Leaves otherwise: to sign-in when there is none, to the
 * 403 page when a role is missing, to the provider when the sign-in is not as recent or as strong as asked, to the 503
 * page when the registry cannot be asked. In none of these cases is the cookie touched.
 */
export async function requireSession(requirement: SessionRequirement = {}): Promise<ActiveSession> {
  const { returnTo, roles } = requirement;
  const state = await getSessionState();
  switch (state.kind) {
    case "active":
      if (roles && !roles.some((role) => state.session.roles.includes(role))) {
        await auditDenial(state.session, (await headers()).get("x-daemun-path") ?? returnTo ?? "");
        forbidden();
      }
      if (!isConfirmed(state.session, requirement)) {
        const { maxAgeSeconds, acr } = requirement;
        const asked = { ...(maxAgeSeconds !== undefined && { maxAgeSeconds }), ...(acr !== undefined && { acr }) };
        const back = parseReturnPath((await headers()).get("x-daemun-path") ?? returnTo);
        return redirect(await stepUpAddress(state.session, asked, back));
      }
      return state.session;
    case "unavailable":
      // Next lets no page answer 503; its page for 401 is ours for this, with the status put right on the way out.
      answerWith(503, { "Retry-After": "5" });
      return unauthorized();
    default: {
      // The gate knows the whole address, query and all; the page only what it is called.
      const asked = (await headers()).get("x-daemun-path") ?? returnTo;
      const query = new URLSearchParams({ returnTo: parseReturnPath(asked) });
      if (state.kind === "ended") query.set("error", state.code);
      return redirect(`/sign-in?${query}`);
    }
  }
}
