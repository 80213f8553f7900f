import type { Metadata } from "next";
import { getLocale, getTranslations } from "next-intl/server";
import { isErrorCode } from "@/edge/error-codes";
import { parseReturnPath } from "@/edge/return-path";
import { listProviders } from "@/server/auth/provider-list";
import { getLastProvider } from "@/server/auth/sign-in/last-provider";
import { isLoginHint } from "@/server/auth/sign-in/start-sign-in";
import { isSessionEnd } from "@/server/sessions/registry/session-end";
import { readSession } from "@/server/sessions/registry/session-state";
import { SignInChoices } from "../_components/sign-in-choices";

interface PageQuery {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("signIn");
  return { title: t("title") };
}

export default async function SignInPage({ searchParams }: PageQuery) {
  const [query, state, providers, lastUsed] = await Promise.all([
    searchParams,
    readSession(),
    getLocale().then(listProviders),
    getLastProvider(),
  ]);
  // What the registry knows of the last session's end is truer than what the address says of it.
  const told = isErrorCode(query.error) ? query.error : null;
  const error = state.kind === "ended" && (told === null || isSessionEnd(told)) ? state.code : told;
  const chosen = providers.find(({ id }) => id === query.provider)?.id;
  return (
    <SignInChoices
      providers={providers}
      preferred={chosen ?? lastUsed}
      lastUsed={providers.length > 1 ? lastUsed : null}
      returnTo={parseReturnPath(query.returnTo)}
      loginHint={
        chosen !== undefined && isLoginHint(query.login_hint) ? { provider: chosen, value: query.login_hint } : null
      }
      error={error}
      signedInAs={state.kind === "active" ? { name: state.session.user.name ?? state.session.user.email } : null}
      unavailable={state.kind === "unavailable"}
      wantsOther={query.account === "other"}
    />
  );
}
