import type { Metadata } from "next";
import { getLocale, getTranslations } from "next-intl/server";
import { deletionGraceDays } from "@/server/accounts/deletion-policy";
import { providerName } from "@/server/auth/provider-list";
import { formToken } from "@/server/sessions/cookies/form-token";
import { confirmationOf } from "@/server/sessions/guards/confirmation";
import { requireSession } from "@/server/sessions/guards/require-session";
import { sessionPolicy } from "@/server/sessions/registry/policy";
import { AccountFrame } from "../../_components/account-frame";
import { DeleteCard } from "./_components/delete-card";
import { ExportCard } from "./_components/export-card";

interface PageQuery {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account.data");
  return { title: t("title") };
}

export default async function DataPage({ searchParams }: PageQuery) {
  const session = await requireSession({ returnTo: "/account/data" });
  const [t, locale, query, csrfToken] = await Promise.all([
    getTranslations("account.data"),
    getLocale(),
    searchParams,
    formToken("session"),
  ]);
  return (
    <AccountFrame current="data" heading={t("title")}>
      <ExportCard csrfToken={csrfToken} />
      <DeleteCard
        providerName={providerName(session.provider, locale)}
        graceDays={deletionGraceDays()}
        recentMinutes={Math.max(1, Math.floor(sessionPolicy().recentSignInSeconds / 60))}
        confirmation={confirmationOf(session).kind}
        isMistyped={query.typed === "0"}
        csrfToken={csrfToken}
      />
    </AccountFrame>
  );
}
