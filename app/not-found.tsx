import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { buttonStyle } from "@/ui/button-style";
import { Statement } from "@/ui/statement";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("notFound");
  return { title: t("title") };
}

export default async function NotFound() {
  const t = await getTranslations("notFound");
  return (
    <Statement
      heading={t("heading")}
      actions={
        <a href="/" className={buttonStyle("primary")}>
          {t("home")}
        </a>
      }
    >
      <p>{t("body")}</p>
    </Statement>
  );
}
