import "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css";
import "./globals.css";
import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import { NextIntlClientProvider } from "next-intl";
import { getLocale, getMessages, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { getSessionState } from "@/server/sessions/session-state";
import { SiteFooter } from "@/ui/site-footer";
import { SiteHeader, type Visitor } from "@/ui/site-header";
import { SkipLink } from "@/ui/skip-link";

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
  };
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [locale, messages, t, state, request] = await Promise.all([
    getLocale(),
    getMessages(),
    getTranslations("shell"),
    getSessionState(),
    headers(),
  ]);
  return (
    <html lang={locale}>
      <body className="flex min-h-dvh flex-col font-sans antialiased">
        <SkipLink label={t("skip")} />
        {/* Only what client components say goes to the browser. */}
        <NextIntlClientProvider locale={locale} messages={{ crash: messages.crash }} formats={null}>
          <SiteHeader visitor={visitorOf(state)} path={request.get("x-daemun-path") ?? "/"} />
          <main id="main" tabIndex={-1} className="flex-1">
            {children}
          </main>
          <SiteFooter />
        </NextIntlClientProvider>
      </body>
    </html>
  );
}

function visitorOf(state: Awaited<ReturnType<typeof getSessionState>>): Visitor {
  switch (state.kind) {
    case "active":
      return {
        kind: "person",
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
