import { cookies, headers } from "next/headers";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { parseReturnPath } from "@/edge/return-path";
import { hasSignedOut, outcomeCookieName } from "@/server/auth/sign-out/sign-out-outcome";
import { formToken } from "@/server/sessions/cookies/form-token";
import { getOrganizations } from "@/server/sessions/guards/organizations";
import type { ActiveSession } from "@/server/sessions/registry/active-session";
import { readSession } from "@/server/sessions/registry/session-state";
import { AccountMenu } from "@/ui/account-menu";
import { parseTheme, type Theme, themeCookieName, themeStyle } from "@/ui/brand/theme";
import { BusyButtons } from "@/ui/busy-buttons";
import { FontLinks } from "@/ui/fonts/font-links";
import { isolated } from "@/ui/isolated";
import { SessionContent, UntilSessionEnds } from "@/ui/session-watch/session-end";
import { SessionGone } from "@/ui/session-watch/session-gone";
import { SessionWatch } from "@/ui/session-watch/session-watch";
import { SiteFooter } from "@/ui/site-footer";
import { SiteHeader } from "@/ui/site-header";
import { SkipLink } from "@/ui/skip-link";
import { SessionNotices } from "./session-notices";
import { PageTextsProvider } from "./statements";
import { shellTexts } from "./texts";

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

/** What is around the content of a page: header and footer, and what watches over the session. Each stands in the page once. */
export async function Shell({ children }: { children: ReactNode }) {
  const [locale, state, request, theme] = await Promise.all([getLocale(), readSession(), headers(), chosenTheme()]);
  const texts = await shellTexts(locale);
  const path = request.get("x-daemun-path") ?? "/";
  const session = state.kind === "active" ? state.session : null;
  const content = (
    <main id="main" tabIndex={-1} className="flex-1">
      {session && <SessionNotices session={session} path={path} />}
      {children}
    </main>
  );
  const header = { path, texts: texts.header };
  const footer = <SiteFooter theme={theme} path={path} texts={texts.footer} />;
  return (
    <PageTextsProvider
      texts={texts.page}
      path={path}
      here={parseReturnPath(path)}
      signedInAs={session && (await signedInAs(session))}
    >
      <FontLinks locale={locale} userName={session?.user.name ?? null} />
      <SkipLink label={texts.skip} />
      <BusyButtons />
      {session ? (
        <SessionWatch {...(await watchOf(session))} texts={texts.session}>
          <SiteHeader {...header} offersSignIn={false}>
            <UntilSessionEnds>
              <AccountMenu {...(await menuOf(session))} path={path} texts={texts.header} />
            </UntilSessionEnds>
          </SiteHeader>
          <SessionContent>{content}</SessionContent>
          {footer}
        </SessionWatch>
      ) : (
        <>
          {/* While nobody can be looked up, there may be somebody. */}
          <SiteHeader {...header} offersSignIn={state.kind !== "unavailable"} />
          {content}
          {footer}
        </>
      )}
      {/* The page after a sign-out says more than that. */}
      {(state.kind === "anonymous" || state.kind === "ended") && !/^\/signed-out(\?|$)/.test(path) && (
        <SessionGone now={new Date().toISOString()} signedOut={await isAfterSignOut()} />
      )}
    </PageTextsProvider>
  );
}

async function watchOf(session: ActiveSession) {
  return {
    session: {
      key: session.id,
      idleExpiresAt: session.idleExpiresAt.toISOString(),
      expires: session.expires.toISOString(),
      idleSeconds: session.idleSeconds,
    },
    now: new Date().toISOString(),
    csrfToken: await formToken("session"),
  };
}

async function menuOf(session: ActiveSession) {
  const t = await getTranslations("shell");
  const { name, email, image } = session.user;
  const label = name ?? email;
  return {
    name,
    email,
    image,
    menuLabel: label === null ? t("menuNoName") : t("menuOf", { name: label }),
    organization: getOrganizations(session).find(({ isCurrent }) => isCurrent)?.name ?? null,
    csrfToken: await formToken("session"),
  };
}

async function signedInAs({ user }: ActiveSession): Promise<ReactNode> {
  const name = user.name ?? user.email;
  if (name === null) return null;
  return (await getTranslations("forbidden")).rich("signedInAs", { ...isolated, name });
}

/** Whether this browser has no session because it signed out lately: the sign-out led to this page, and its other tabs are told. */
async function isAfterSignOut(): Promise<boolean> {
  return hasSignedOut((await cookies()).get(outcomeCookieName())?.value);
}

/** The nonce that the gate put into the policy of this page; none where the gate is missing, and with it the policy. */
function nonceIn(policy: string | null): string | undefined {
  return policy?.split("'nonce-", 2)[1]?.split("'", 1)[0];
}
