import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ForbiddenStatement } from "./_components/statements";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("forbidden");
  return { title: t("title") };
}

export default function Forbidden() {
  return <ForbiddenStatement />;
}
