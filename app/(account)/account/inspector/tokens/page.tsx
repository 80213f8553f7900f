import type { Metadata } from "next";
import { getLocale, getTranslations } from "next-intl/server";
import { providerName } from "@/server/auth/provider-list";
import { formToken } from "@/server/sessions/cookies/form-token";
import { requireSession } from "@/server/sessions/guards/require-session";
import { showsRawTokens } from "@/server/sessions/registry/policy";
import { Patient } from "@/ui/patient";
import { AccountFrame } from "../../../_components/account-frame";
import { PermissionsSkeleton } from "../_components/permissions-skeleton";
import { DocumentsTable } from "./_components/documents-table";
import { RawTokens } from "./_components/raw-tokens";
import { readDocuments } from "./read-documents";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account.tokens");
  return { title: t("title") };
}

const ownPath = "/account/inspector/tokens";

/** For developers: what each document of a sign-in says, side by side. */
export default async function TokensPage({ searchParams }: PageProps<"/account/inspector/tokens">) {
  const { wait } = await searchParams;
  const session = await requireSession({ returnTo: ownPath });
  const [t, locale, csrfToken] = await Promise.all([
    getTranslations("account.tokens"),
    getLocale(),
    formToken("session"),
  ]);
  const provider = providerName(session.provider, locale);
  return (
    <AccountFrame current="inspector" heading={t("title")}>
      <p className="max-w-2xl text-muted lg:text-lg">{t("lead", { provider })}</p>
      <Patient
        reading={readDocuments(session, locale)}
        isWhole={wait === "1"}
        fallback={<PermissionsSkeleton completeHref={`${ownPath}?wait=1`} />}
      >
        {(documents) => <DocumentsTable documents={documents} />}
      </Patient>
      {showsRawTokens() && (
        <RawTokens
          csrfToken={csrfToken}
          words={{
            heading: t("raw.heading"),
            lead: t("raw.lead"),
            show: t("raw.show"),
            none: t("raw.none"),
            confirm: t("raw.confirm"),
            failed: t("raw.failed"),
          }}
        />
      )}
      <p>
        <a
          href="/account/inspector"
          className="inline-flex min-h-11 items-center font-semibold text-accent underline-offset-4 hover:underline"
        >
          {t("back")}
        </a>
      </p>
    </AccountFrame>
  );
}
