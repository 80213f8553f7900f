import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { NotFoundStatement } from "./_components/statements";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("notFound");
  return { title: t("title") };
}

export default function NotFound() {
  return <NotFoundStatement />;
}
