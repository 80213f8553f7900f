import type { Metadata } from "next";
import { getLocale, getNow, getTranslations } from "next-intl/server";
import { providerName } from "@/server/auth/provider-list";
import { formToken } from "@/server/sessions/cookies/form-token";
import { requireSession } from "@/server/sessions/guards/require-session";
import { countJustEnded, listSessions } from "@/server/sessions/registry/list-sessions";
import { AccountFrame } from "../../_components/account-frame";
import { ActiveSessions } from "./_components/active-sessions";
import { EndedNotice } from "./_components/ended-notice";
import { EndedSessions } from "./_components/ended-sessions";

interface PageQuery {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account.sessions");
  return { title: t("title") };
}

export default async function SessionsPage({ searchParams }: PageQuery) {
  const session = await requireSession({ returnTo: "/account/sessions" });
  const [t, locale, now, query, csrfToken] = await Promise.all([
    getTranslations("account.sessions"),
    getLocale(),
    getNow(),
    searchParams,
    formToken("session"),
  ]);
  // What a click did is read from the rows: an address could be anybody's.
  const [{ active, ended }, justEnded] = await Promise.all([
    listSessions(session, new Date()),
    query.ended === "1" ? countJustEnded(session.user.id, new Date()) : null,
  ]);
  const names = new Map([...active, ...ended].map(({ provider }) => [provider, providerName(provider, locale)]));
  return (
    <AccountFrame current="sessions" heading={t("title")}>
      {justEnded !== null && <EndedNotice count={justEnded} />}
      <ActiveSessions
        sessions={active}
        providerNames={names}
        currentProvider={providerName(session.provider, locale)}
        csrfToken={csrfToken}
        now={now}
      />
      <EndedSessions sessions={ended} providerNames={names} now={now} />
    </AccountFrame>
  );
}
