import type { Metadata } from "next";
import { headers } from "next/headers";
import { getTranslations } from "next-intl/server";
import { parseReturnPath } from "@/edge/return-path";
import { buttonStyle } from "@/ui/button-style";
import { DocumentTitle } from "@/ui/document-title";
import { Statement } from "@/ui/statement";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("unavailable");
  return { title: t("title") };
}

/**
 * Not for strangers, who are sent to sign in: this app calls `unauthorized()` only when it cannot look anyone up
 * (`database_unavailable`), because Next has no other interrupt that leaves the page without redirecting.
 */
export default async function Unauthorized() {
  const [t, request] = await Promise.all([getTranslations(), headers()]);
  const here = parseReturnPath(request.get("x-daemun-path"));
  return (
    <Statement
      heading={t("unavailable.heading")}
      actions={
        <>
          <a href={here} className={buttonStyle("primary")}>
            {t("unavailable.retry")}
          </a>
          <a href="/" className={buttonStyle("secondary")}>
            {t("unavailable.home")}
          </a>
        </>
      }
    >
      <DocumentTitle title={`${t("unavailable.title")} · ${t("brand.name")}`} />
      <p>{t("unavailable.body")}</p>
      <p>{t("unavailable.action")}</p>
    </Statement>
  );
}
