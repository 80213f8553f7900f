import type { Metadata } from "next";
import { getLocale, getTranslations } from "next-intl/server";
import { providerName } from "@/server/auth/provider-list";
import { requireSession } from "@/server/sessions/guards/require-session";
import { Patient } from "@/ui/patient";
import { AccountFrame } from "../../_components/account-frame";
import { PermissionsSkeleton } from "./_components/permissions-skeleton";
import { PermissionsView } from "./_components/permissions-view";
import { readPermissions } from "./read-permissions";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account.inspector");
  return { title: t("title") };
}

/** What this app may do for somebody. Each permission may take a refresh at the provider: the page does not wait for that. */
export default async function InspectorPage({ searchParams }: PageProps<"/account/inspector">) {
  const { wait } = await searchParams;
  const session = await requireSession({ returnTo: "/account/inspector" });
  const [t, locale] = await Promise.all([getTranslations("account.inspector"), getLocale()]);
  const provider = { id: session.provider, name: providerName(session.provider, locale) };
  return (
    <AccountFrame current="inspector" heading={t("title")}>
      <Patient
        reading={readPermissions(session, locale)}
        isWhole={wait === "1"}
        fallback={<PermissionsSkeleton completeHref="/account/inspector?wait=1" />}
      >
        {(permissions) => <PermissionsView permissions={permissions} provider={provider} />}
      </Patient>
      <p>
        <a
          href="/account/inspector/tokens"
          className="inline-flex min-h-11 items-center font-semibold text-accent underline-offset-4 hover:underline"
        >
          {t("forDevelopers")}
        </a>
      </p>
    </AccountFrame>
  );
}
