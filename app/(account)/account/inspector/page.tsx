import type { Metadata } from "next";
import { getLocale, getNow, getTranslations } from "next-intl/server";
import { providerName } from "@/server/auth/provider-list";
import { requireSession } from "@/server/sessions/guards/require-session";
import { getGrantedScopes } from "@/server/sessions/guards/session-tokens";
import { EmptyPlace } from "@/ui/empty-place";
import { AccountFrame } from "../../_components/account-frame";
import { GrantedScopes } from "./_components/granted-scopes";
import { PermissionList } from "./_components/permission-list";
import { SharedFailure } from "./_components/shared-failure";
import { sharedFailure } from "./permission";
import { readPermissions } from "./read-permissions";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account.inspector");
  return { title: t("title") };
}

export default async function InspectorPage() {
  const session = await requireSession({ returnTo: "/account/inspector" });
  const [t, locale, now, { resources, organizations, moreOrganizations }] = await Promise.all([
    getTranslations("account.inspector"),
    getLocale(),
    getNow(),
    getLocale().then((locale) => readPermissions(session, locale)),
  ]);
  // After the tokens: asking for one may have shown that the grant is over.
  const granted = await getGrantedScopes();
  const provider = { id: session.provider, name: providerName(session.provider, locale) };
  const all = [...resources, ...organizations];
  const shared = sharedFailure(all);
  return (
    <AccountFrame current="inspector" heading={t("title")}>
      {all.length > 0 ? (
        <p className="max-w-2xl text-muted lg:text-lg">{t("lead", { provider: provider.name })}</p>
      ) : (
        <EmptyPlace title={t("none.title")} body={t("none.body", { provider: provider.name })} />
      )}
      {shared && <SharedFailure failure={shared} provider={provider.id} />}
      {resources.length > 0 && (
        <PermissionList
          id="resources"
          heading={t("resources.heading", { count: resources.length })}
          lead={t("resources.lead")}
          permissions={resources}
          provider={provider.id}
          isToldAbove={shared !== null}
          now={now}
        />
      )}
      {organizations.length > 0 && (
        <PermissionList
          id="organizations"
          heading={t("organizations.heading", { count: organizations.length + moreOrganizations })}
          lead={t("organizations.lead")}
          permissions={organizations}
          {...(moreOrganizations > 0 && { more: t("organizations.more", { count: moreOrganizations }) })}
          provider={provider.id}
          isToldAbove={shared !== null}
          now={now}
        />
      )}
      {granted.kind === "scopes" && granted.scopes.length > 0 && (
        <GrantedScopes scopes={granted.scopes} providerName={provider.name} />
      )}
    </AccountFrame>
  );
}
