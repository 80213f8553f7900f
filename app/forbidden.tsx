import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { getSessionState } from "@/server/sessions/session-state";
import { ForbiddenStatement } from "./_components/forbidden-statement";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("forbidden");
  return { title: t("title") };
}

export default async function Forbidden() {
  const state = await getSessionState();
  return (
    <ForbiddenStatement name={state.kind === "active" ? (state.session.user.name ?? state.session.user.email) : null} />
  );
}
