import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { answerWith } from "@/server/http/request-context";
import { readSession } from "@/server/sessions/registry/session-state";
import Unavailable from "../unauthorized";

/** While nobody can be looked up, every page here is called what it is then, also where no script runs. */
export async function generateMetadata(): Promise<Metadata> {
  const [t, state] = await Promise.all([getTranslations(), readSession()]);
  const app = t("brand.name");
  const title = state.kind === "unavailable" ? `${t("unavailable.title")} · ${app}` : null;
  return { title: { template: title ?? `%s · ${app}`, default: title ?? app } };
}

/**
 * No boundary: each page calls `requireSession()` itself. This only has the page for "cannot look anyone up" rendered on
 * the server, so that it is there without JavaScript too.
 */
export default async function AccountLayout({ children }: { children: ReactNode }) {
  const state = await readSession();
  if (state.kind !== "unavailable") return children;
  answerWith(503, { "Retry-After": "5" });
  return <Unavailable />;
}
