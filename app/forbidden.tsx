import type { Metadata } from "next";
import { headers } from "next/headers";
import { getTranslations } from "next-intl/server";
import { getCurrentSession } from "@/server/sessions/guards/current-session";
import { DocumentTitle } from "@/ui/document-title";
import { ForbiddenStatement } from "./_components/forbidden-statement";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("forbidden");
  return { title: t("title") };
}

export default async function Forbidden() {
  const [t, session, request] = await Promise.all([getTranslations(), getCurrentSession(), headers()]);
  return (
    <>
      <DocumentTitle title={`${t("forbidden.title")} · ${t("brand.name")}`} />
      <ForbiddenStatement
        name={session?.user.name ?? session?.user.email ?? null}
        page={request.get("x-daemun-path")}
      />
    </>
  );
}
