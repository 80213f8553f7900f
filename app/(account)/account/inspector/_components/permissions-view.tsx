import { useNow, useTranslations } from "next-intl";
import { EmptyPlace } from "@/ui/empty-place";
import { sharedFailure } from "../permission";
import type { Permissions } from "../read-permissions";
import { GrantedScopes } from "./granted-scopes";
import { PermissionList } from "./permission-list";
import { SharedFailure } from "./shared-failure";

interface PermissionsViewProps {
  permissions: Permissions;
  provider: { id: string; name: string };
}

export function PermissionsView({ permissions, provider }: PermissionsViewProps) {
  const { resources, organizations, moreOrganizations, granted, scopeNames } = permissions;
  const t = useTranslations("account.inspector");
  const now = useNow();
  const all = [...resources, ...organizations];
  const shared = sharedFailure(all);
  const list = { provider: provider.id, isToldAbove: shared !== null, now };
  return (
    <>
      {all.length > 0 ? (
        <p className="max-w-2xl text-muted lg:text-lg">{t("lead", { provider: provider.name })}</p>
      ) : (
        <EmptyPlace title={t("none.title")} body={t("none.body", { provider: provider.name })} />
      )}
      {shared && <SharedFailure failure={shared} provider={provider.id} />}
      {resources.length > 0 && (
        <PermissionList
          {...list}
          id="resources"
          heading={t("resources.heading", { count: resources.length })}
          lead={t("resources.lead")}
          permissions={resources}
        />
      )}
      {organizations.length > 0 && (
        <PermissionList
          {...list}
          id="organizations"
          heading={t("organizations.heading", { count: organizations.length + moreOrganizations })}
          lead={t("organizations.lead")}
          permissions={organizations}
          {...(moreOrganizations > 0 && { more: t("organizations.more", { count: moreOrganizations }) })}
        />
      )}
      {granted.length > 0 && <GrantedScopes scopes={granted} names={scopeNames} providerName={provider.name} />}
    </>
  );
}
