import "server-only";
import { getTranslations } from "next-intl/server";
import { type Locale, locales } from "@/messages/locales";
import type { HeaderTexts } from "@/ui/header-texts";
import { countedTexts, type SessionTexts } from "@/ui/session-watch/session-texts";
import type { FooterTexts } from "@/ui/site-footer";
import type { PageTexts } from "./statements";

/** What is said on every page, whoever asks for it. */
export interface ShellTexts {
  skip: string;
  header: HeaderTexts;
  footer: FooterTexts;
  page: PageTexts;
  session: SessionTexts;
}

// The same for everybody who reads a language: one entry for each.
const known = new Map<Locale, ShellTexts>();

/** The shell's texts, finished, so that no catalogue has to go along with them to the browser. */
export async function shellTexts(locale: Locale): Promise<ShellTexts> {
  const found = known.get(locale);
  if (found) return found;
  const texts = await readTexts(locale);
  // In development texts change under a process that runs.
  if (process.env.NODE_ENV === "production") known.set(locale, texts);
  return texts;
}

async function readTexts(locale: Locale): Promise<ShellTexts> {
  const t = await getTranslations({ locale });
  const app = t("brand.name");
  const titled = (title: string) => `${title} · ${app}`;
  const ending = (key: "ended" | "expired" | "signedOut" | "replaced" | "unreachable") => ({
    title: titled(t(`sessionWatch.over.${key}.title`)),
    heading: t(`sessionWatch.over.${key}.heading`),
    body: t(`sessionWatch.over.${key}.body`),
  });
  return {
    skip: t("shell.skip"),
    header: {
      app,
      home: t("shell.home", { app }),
      languages: locales
        .filter((other) => other !== locale)
        .map((to) => ({ to, label: new Intl.DisplayNames([to], { type: "language" }).of(to) ?? to })),
      signIn: t("shell.signIn"),
      menu: t("shell.menu"),
      account: t("shell.links.account"),
      organizations: t("shell.links.organizations"),
      services: t("shell.links.services"),
      signOutHere: t("shell.signOutHere"),
      signOutMore: t("shell.signOutMore"),
    },
    footer: {
      app,
      text: t("shell.footer"),
      theme: {
        label: t("shell.theme.label"),
        system: t("shell.theme.system"),
        light: t("shell.theme.light"),
        dark: t("shell.theme.dark"),
      },
    },
    page: {
      crash: {
        title: t("crash.title"),
        heading: t("crash.heading"),
        body: t("crash.body"),
        reference: t("crash.reference"),
        referenceHelp: t("crash.referenceHelp"),
        retry: t("crash.retry"),
        home: t("crash.home"),
        outdated: {
          heading: t("crash.outdated.heading"),
          body: t("crash.outdated.body"),
          reload: t("crash.outdated.reload"),
        },
      },
      notFound: { heading: t("notFound.heading"), body: t("notFound.body"), home: t("notFound.home") },
      forbidden: {
        title: titled(t("forbidden.title")),
        heading: t("forbidden.heading"),
        body: t("forbidden.body"),
        action: t("forbidden.action"),
        account: t("forbidden.account"),
        switch: t("forbidden.switch"),
      },
      unavailable: {
        title: titled(t("unavailable.title")),
        heading: t("unavailable.heading"),
        body: t("unavailable.body"),
        action: t("unavailable.action"),
        retry: t("unavailable.retry"),
        home: t("unavailable.home"),
      },
    },
    session: {
      locale,
      idle: {
        heading: t("sessionWatch.idle.heading"),
        body: t("sessionWatch.idle.body"),
        stay: t("sessionWatch.idle.stay"),
        signOut: t("sessionWatch.idle.signOut"),
      },
      absolute: {
        heading: t("sessionWatch.absolute.heading"),
        body: t("sessionWatch.absolute.body"),
        signIn: t("sessionWatch.absolute.signIn"),
        later: t("sessionWatch.absolute.later"),
      },
      leftMinutes: countedTexts(locale, (count) => t("sessionWatch.leftMinutes", { count })),
      leftSeconds: countedTexts(locale, (count) => t("sessionWatch.leftSeconds", { count })),
      unreachable: t("sessionWatch.unreachable"),
      over: {
        signIn: t("sessionWatch.over.signIn"),
        again: t("sessionWatch.over.again"),
        ended: ending("ended"),
        expired: ending("expired"),
        "signed-out": ending("signedOut"),
        replaced: ending("replaced"),
        unreachable: ending("unreachable"),
      },
    },
  };
}
