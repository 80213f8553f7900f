import { randomBytes } from "node:crypto";
import type Provider from "oidc-provider";
import type { KoaContextWithOIDC } from "oidc-provider";
import type { IssuerState } from "./issuer-state";
import { pageHeaders } from "./pages/layout";
import { frontChannelPage, signedOutPage, signOutPage } from "./pages/sign-out";
import { type Language, languageOf } from "./pages/words";
import { routes } from "./routes";

export const confirmPath = `${routes.protocol.end_session}/confirm`;

/**
 * Asks the outer layer to take the next step itself: its value is the secret for `confirmPath`. The library would have
 * the browser post a form here, which needs JavaScript or another click.
 */
export const continueHeader = "x-continue-sign-out";

/**
 * The page of the logout endpoint. A client that skips the question needs a valid id_token_hint for the very person who is
 * signed in (RP-Initiated Logout 1.0 §2: without one the question is a MUST, with one a SHOULD).
 */
export function askToSignOut(state: IssuerState, ctx: KoaContextWithOIDC): void {
  const { session, entities } = ctx.oidc;
  const secret = String(session?.state?.secret);
  const hint = entities.IdTokenHint?.payload.sub;
  const skips = state.clients.get(ctx.oidc.client?.clientId ?? "")?.skipSignOutQuestion === true;
  if (skips && hint !== undefined && hint === session?.accountId) ctx.set(continueHeader, secret);
  ctx.set(pageHeaders());
  ctx.body = signOutPage({ language: languageHere(ctx), issuerName: state.name, action: confirmPath, secret });
}

/** The page after a logout that has nowhere to return to. */
export function saySignedOut(ctx: KoaContextWithOIDC): void {
  ctx.set(pageHeaders());
  ctx.body = signedOutPage(languageHere(ctx));
}

/** Front-channel logout, which the library does not have, and the steps between that need no browser. */
export function addSignOut(provider: Provider, state: IssuerState): void {
  provider.use(async (context, next) => {
    const ctx = context as unknown as KoaContextWithOIDC;
    // Read before: confirming destroys the session.
    const frames = ctx.path === confirmPath ? await frontChannelFrames(provider, state, ctx) : [];
    await next();
    if (!ctx.oidc) return;
    const secret = ctx.oidc.session?.state?.secret;
    const asksBrowserToPost = ctx.status === 200 && typeof secret === "string";
    if (asksBrowserToPost && endsByItself(ctx)) ctx.set(continueHeader, secret);
    if (ctx.status === 303 && ctx.oidc.params?.logout && frames.length > 0) {
      const nonce = randomBytes(16).toString("base64url");
      const next = ctx.response.get("location");
      ctx.remove("location");
      ctx.status = 200;
      ctx.set(pageHeaders(nonce));
      ctx.body = frontChannelPage({ language: languageHere(ctx), frames, next, nonce });
    }
  });
}

// Nobody is signed in, so there is nothing to ask; or somebody chose another person, and the former one leaves first.
function endsByItself(ctx: KoaContextWithOIDC): boolean {
  if (ctx.oidc.route === "end_session") return !ctx.oidc.session?.accountId;
  return ctx.oidc.route === "resume" && String(ctx.oidc.session?.state?.postLogoutRedirectUri).endsWith(ctx.path);
}

async function frontChannelFrames(provider: Provider, state: IssuerState, ctx: KoaContextWithOIDC): Promise<string[]> {
  const session = await provider.Session.get(ctx);
  return Object.entries(session.authorizations ?? {}).flatMap(([clientId, { sid }]) => {
    const uri = state.clients.get(clientId)?.frontchannelLogoutUri;
    if (!uri || !sid) return [];
    const url = new URL(uri);
    url.searchParams.set("iss", state.issuer);
    url.searchParams.set("sid", sid);
    return [url.href];
  });
}

function languageHere(ctx: KoaContextWithOIDC): Language {
  return languageOf(ctx.oidc.params?.ui_locales ?? ctx.query.ui_locales, ctx.get("accept-language"));
}
