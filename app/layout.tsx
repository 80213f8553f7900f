import "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css";
import "./globals.css";
import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import { NextIntlClientProvider } from "next-intl";
import { getLocale, getMessages, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { formToken } from "@/server/sessions/cookies/form-token";
import { type ActiveSession, readSession } from "@/server/sessions/registry/session-state";
import { SessionGone } from "@/ui/session-watch/session-gone";
import { SessionWatch } from "@/ui/session-watch/session-watch";
import { SiteFooter } from "@/ui/site-footer";
import { SiteHeader, type Visitor } from "@/ui/site-header";
import { SkipLink } from "@/ui/skip-link";
import { SessionNotices } from "./_components/session-notices";

// Every page carries a nonce and may say who you are: none can be rendered ahead of its request.
export const dynamic = "force-dynamic";

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#ffffff" },
    { media: "(prefers-color-scheme: dark)", color: "#171e1b" },
  ],
};

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations();
  return {
    title: { template: `%s · ${t("brand.name")}`, default: t("brand.name") },
    description: t("home.metaDescription"),
    openGraph: { siteName: t("brand.name"), description: t("home.metaDescription"), type: "website" },
  };
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [locale, messages, t, state, request] = await Promise.all([
    getLocale(),
    getMessages(),
    getTranslations("shell"),
    readSession(),
    headers(),
  ]);
  const path = request.get("x-daemun-path") ?? "/";
  const page = (
    <>
      <SiteHeader visitor={visitorOf(state)} path={path} />
      <main id="main" tabIndex={-1} className="flex-1">
        {state.kind === "active" && <SessionNotices session={state.session} path={path} />}
        {children}
      </main>
      <SiteFooter />
    </>
  );
  return (
    <html lang={locale}>
      <body className="flex min-h-dvh flex-col font-sans antialiased">
        <SkipLink label={t("skip")} />
        {/* Only what client components say goes to the browser. */}
        <NextIntlClientProvider
          locale={locale}
          messages={{ crash: messages.crash, sessionWatch: messages.sessionWatch }}
          formats={null}
        >
          {state.kind === "active" ? (
            <Watched session={state.session} path={path}>
              {page}
            </Watched>
          ) : (
            page
          )}
          {/* The page after a sign-out says more than that. */}
          {(state.kind === "anonymous" || state.kind === "ended") && !/^\/signed-out(\?|$)/.test(path) && (
            <SessionGone now={new Date().toISOString()} />
          )}
        </NextIntlClientProvider>
      </body>
    </html>
  );
}

interface WatchedProps {
  session: ActiveSession;
  path: string;
  children: ReactNode;
}

async function Watched({ session, path, children }: WatchedProps) {
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
      footer={<SiteFooter />}
    >
      {children}
    </SessionWatch>
  );
}

function visitorOf(state: Awaited<ReturnType<typeof readSession>>): Visitor {
  switch (state.kind) {
    case "active":
      return {
        kind: "signed-in",
        name: state.session.user.name,
        email: state.session.user.email,
        image: state.session.user.image,
      };
    case "anonymous":
    case "ended":
      return { kind: "anonymous" };
    case "unavailable":
      return { kind: "unknown" };
  }
}
