import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { UnavailableStatement } from "./_components/statements";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("unavailable");
  return { title: t("title") };
}

/**
 * Not for strangers, who are sent to sign in: this app calls `unauthorized()` only when it cannot look anyone up
 * (`database_unavailable`), because Next has no other interrupt that leaves the page without redirecting.
 */
export default function Unauthorized() {
  return <UnavailableStatement />;
}
