import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { formToken } from "@/server/sessions/cookies/form-token";
import { getOrganizations } from "@/server/sessions/guards/organizations";
import { requireSession } from "@/server/sessions/guards/require-session";
import { EmptyPlace } from "@/ui/empty-place";
import { isolated } from "@/ui/isolated";
import { Notice } from "@/ui/notice";
import { SectionCard } from "@/ui/section-card";
import { AccountFrame } from "../../_components/account-frame";
import { OrganizationRow } from "./_components/organization-row";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account.organizations");
  return { title: t("title") };
}

/** The organizations of somebody, and the one that they work in. */
export default async function OrganizationsPage({ searchParams }: PageProps<"/account/organizations">) {
  const { changed } = await searchParams;
  const session = await requireSession({ returnTo: "/account/organizations" });
  const [t, csrfToken] = await Promise.all([getTranslations("account.organizations"), formToken("session")]);
  const organizations = getOrganizations(session);
  const current = organizations.find(({ isCurrent }) => isCurrent);
  return (
    <AccountFrame current="organizations" heading={t("title")}>
      {changed !== undefined && current && (
        <Notice tone="calm" isOutcome title={t.rich("changed", { ...isolated, organization: current.name })} />
      )}
      {organizations.length === 0 ? (
        <EmptyPlace title={t("none.title")} body={t("none.body")} />
      ) : (
        <SectionCard
          id="organizations"
          heading={t("heading", { count: organizations.length })}
          lead={t(organizations.length > 1 ? "lead" : "leadOne")}
        >
          <ul className="mt-5 divide-y divide-line border-line border-t sm:mt-6">
            {organizations.map((organization) => (
              <OrganizationRow key={organization.id} organization={organization} csrfToken={csrfToken} />
            ))}
          </ul>
        </SectionCard>
      )}
      {organizations.length > 1 && <p className="text-muted text-sm">{t("scope")}</p>}
    </AccountFrame>
  );
}
