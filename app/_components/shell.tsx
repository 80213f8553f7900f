import { cookies, headers } from "next/headers";
import { NextIntlClientProvider } from "next-intl";
import { getLocale, getMessages, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { hasSignedOut, outcomeCookieName } from "@/server/auth/sign-out/sign-out-outcome";
import { formToken } from "@/server/sessions/cookies/form-token";
import { getOrganizations } from "@/server/sessions/guards/organizations";
import type { ActiveSession } from "@/server/sessions/registry/active-session";
import { readSession } from "@/server/sessions/registry/session-state";
import { parseTheme, type Theme, themeCookieName, themeStyle } from "@/ui/brand/theme";
import { BusyButtons } from "@/ui/busy-buttons";
import { SessionGone } from "@/ui/session-watch/session-gone";
import { SessionWatch } from "@/ui/session-watch/session-watch";
import { SiteFooter } from "@/ui/site-footer";
import { SiteHeader, type Visitor } from "@/ui/site-header";
import { SkipLink } from "@/ui/skip-link";
import { SessionNotices } from "./session-notices";

/** Light or dark, as this browser was told; `system` where it was told nothing. */
export async function chosenTheme(): Promise<Theme> {
  return parseTheme((await cookies()).get(themeCookieName)?.value) ?? "system";
}

/** The colours of the chosen theme. */
export async function ThemeStyle() {
  const [theme, request] = await Promise.all([chosenTheme(), headers()]);
  // Browsers hide the nonce of an element that they have taken over.
  return (
    <style nonce={nonceIn(request.get("content-security-policy"))} suppressHydrationWarning>
      {themeStyle(theme)}
    </style>
  );
}

/** What is around the content of a page: header and footer, and what watches over the session. */
export async function Shell({ children }: { children: ReactNode }) {
  const [locale, messages, t, state, request, theme] = await Promise.all([
    getLocale(),
    getMessages(),
    getTranslations("shell"),
    readSession(),
    headers(),
    chosenTheme(),
  ]);
  const visitor = await visitorOf(state);
  const path = request.get("x-daemun-path") ?? "/";
  const page = (
    <>
      <SiteHeader visitor={visitor} path={path} />
      <main id="main" tabIndex={-1} className="flex-1">
        {state.kind === "active" && <SessionNotices session={state.session} path={path} />}
        {children}
      </main>
      <SiteFooter theme={theme} path={path} />
    </>
  );
  return (
    <>
      <SkipLink label={t("skip")} />
      <BusyButtons />
      {/* Only what client components say goes to the browser. */}
      <NextIntlClientProvider
        locale={locale}
        messages={{ brand: messages.brand, crash: messages.crash, sessionWatch: messages.sessionWatch }}
        formats={null}
      >
        {state.kind === "active" ? (
          <Watched session={state.session} path={path} theme={theme}>
            {page}
          </Watched>
        ) : (
          page
        )}
        {/* The page after a sign-out says more than that. */}
        {(state.kind === "anonymous" || state.kind === "ended") && !/^\/signed-out(\?|$)/.test(path) && (
          <SessionGone now={new Date().toISOString()} signedOut={await isAfterSignOut()} />
        )}
      </NextIntlClientProvider>
    </>
  );
}

interface WatchedProps {
  session: ActiveSession;
  path: string;
  theme: Theme;
  children: ReactNode;
}

async function Watched({ session, path, theme, children }: WatchedProps) {
  return (
    <SessionWatch
      session={{
        key: session.id,
        idleExpiresAt: session.idleExpiresAt.toISOString(),
        expires: session.expires.toISOString(),
        idleSeconds: session.idleSeconds,
      }}
      now={new Date().toISOString()}
      csrfToken={await formToken("session")}
      header={<SiteHeader visitor={{ kind: "unknown" }} path={path} />}
      footer={<SiteFooter theme={theme} path={path} />}
    >
      {children}
    </SessionWatch>
  );
}

/** Whether this browser has no session because it signed out lately: the sign-out led to this page, and its other tabs are told. */
async function isAfterSignOut(): Promise<boolean> {
  return hasSignedOut((await cookies()).get(outcomeCookieName())?.value);
}

/** The nonce that the gate put into the policy of this page; none where the gate is missing, and with it the policy. */
function nonceIn(policy: string | null): string | undefined {
  return policy?.split("'nonce-", 2)[1]?.split("'", 1)[0];
}

async function visitorOf(state: Awaited<ReturnType<typeof readSession>>): Promise<Visitor> {
  switch (state.kind) {
    case "active":
      return {
        kind: "signed-in",
        name: state.session.user.name,
        email: state.session.user.email,
        image: state.session.user.image,
        organization: getOrganizations(state.session).find(({ isCurrent }) => isCurrent)?.name ?? null,
        csrfToken: await formToken("session"),
      };
    case "anonymous":
    case "ended":
      return { kind: "anonymous" };
    case "unavailable":
      return { kind: "unknown" };
  }
}
