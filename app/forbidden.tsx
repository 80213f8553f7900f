import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { getCurrentSession } from "@/server/sessions/current-session";
import { DocumentTitle } from "@/ui/document-title";
import { ForbiddenStatement } from "./_components/forbidden-statement";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("forbidden");
  return { title: t("title") };
}

export default async function Forbidden() {
  const [t, state] = await Promise.all([getTranslations(), getSessionState()]);
  return (
    <>
      <DocumentTitle title={`${t("forbidden.title")} · ${t("brand.name")}`} />
      <ForbiddenStatement
        name={state.kind === "active" ? (state.session.user.name ?? state.session.user.email) : null}
      />
    </>
  );
}
