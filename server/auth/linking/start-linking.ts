import "server-only";
import { parseReturnPath } from "@/edge/return-path";
import { readCookies } from "../../http/cookie-jar";
import { errorReply, redirectTo } from "../../http/error-reply";
import { withShortHead } from "../../http/short-head";
import { getRecentMetadata } from "../../oidc/metadata";
import { readSessionForm } from "../../sessions/guards/guarded-form";
import { findProvider } from "../../settings/env";
import type { ProviderSettings } from "../../settings/providers";
import { promptFor } from "../sign-in/prompt";
import { composeAuthorization } from "../sign-in/redirect-to-provider";
import { identitiesPath, linkedPath } from "./identities-path";
import { hasIdentity } from "./link-identity";
import { linkTransactions } from "./link-transaction";
import { linkingFailureOf, refuseLinking } from "./linking-failure";
import { confirmFirst } from "./recent-sign-in";

/**
 * `POST /api/account/identities/[provider]/link`: sends a signed-in user to another provider, to come back with the identity
 * that is to be linked. Only after a recent sign-in, and only this very session can end it.
 */
export async function startLinking(request: Request, providerId: string): Promise<Response> {
  const sent = await readSessionForm(request);
  if (sent instanceof Response) return sent;
  const { session, form } = sent;
  const provider = findProvider(providerId);
  if (!provider) return errorReply(request, "unknown_provider");
  const wanted = form.get("returnTo");
  const returnTo = wanted === undefined ? linkedPath(provider.id) : parseReturnPath(wanted);
  const here = new URLSearchParams({ provider: provider.id, ...(wanted !== undefined && { returnTo }) });
  const refused = await confirmFirst(request, session, `${identitiesPath}?${here}`);
  if (refused) return refused;
  try {
    const kept = { sessionId: session.id, userId: session.user.id, returnTo };
    // Another tab was first.
    if (await hasIdentity(session, provider.id)) return redirectTo(linkedPath(provider.id));
    return withShortHead(await redirectToLink(request, provider, kept));
  } catch (error) {
    const who = { event: "account.linked", session, provider: provider.id } as const;
    return refuseLinking(request, who, linkingFailureOf(error));
  }
}

async function redirectToLink(
  request: Request,
  provider: ProviderSettings,
  kept: { sessionId: string; userId: string; returnTo: string },
): Promise<Response> {
  // Fetched now: nobody is to be sent to a provider that is not there.
  const metadata = await getRecentMetadata(provider);
  const jar = readCookies(request);
  // Which account it is, the user sees and chooses: the one that the provider remembers may be somebody else's.
  const wish = { asked: "select_account", signUp: undefined, fresh: false };
  const prompt = promptFor(provider, metadata, wish);
  const parameters = new Map(prompt === undefined ? [] : [["prompt", prompt]]);
  const { address, begun } = await composeAuthorization(provider, metadata, {
    parameters,
    jar,
    headers: request.headers,
  });
  return linkTransactions.sendOff(address, { ...begun, ...kept, remember: false, fresh: false, stepUp: null }, jar);
}
