import { useTranslations } from "next-intl";
import type { Organization } from "@/server/sessions/guards/organizations";
import { Badge } from "@/ui/badge";
import { Breakable } from "@/ui/breakable";
import { buttonStyle } from "@/ui/button-style";
import { ChipList } from "@/ui/chip-list";
import { Disclosure } from "@/ui/disclosure";
import { IconDisc } from "@/ui/icon-disc";
import { Name } from "@/ui/name";

// A tall building beside a low one.
const shape =
  "M4.75 20.25V5a1.25 1.25 0 0 1 1.25-1.25h7A1.25 1.25 0 0 1 14.25 5v15.25M14.25 9.75H18A1.25 1.25 0 0 1 19.25 11v9.25M3 20.25h18M8 7.75h3M8 11.5h3M8 15.25h3";

interface OrganizationRowProps {
  organization: Organization;
  csrfToken: string;
}

export function OrganizationRow({ organization, csrfToken }: OrganizationRowProps) {
  const { id, name, roles, isCurrent } = organization;
  const t = useTranslations("account.organizations");
  return (
    <li
      data-organization={id}
      data-current={isCurrent}
      className="grid gap-x-6 gap-y-4 px-5 pt-5 pb-3 sm:grid-cols-[minmax(0,1fr)_auto] sm:px-6"
    >
      <div className="flex min-w-0 gap-4">
        <IconDisc shape={shape} emphasised={isCurrent} />
        <div className="min-w-0 flex-1">
          <div className="flex min-h-11 flex-wrap items-center gap-x-2.5 gap-y-1.5">
            <h3 className="font-semibold text-lg wrap-anywhere">
              <Name>{name}</Name>
            </h3>
            {isCurrent && <Badge tone="good">{t("current")}</Badge>}
          </div>
          <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-[0.9375rem]">
            <span className="text-muted">{t("roles")}</span>
            {roles.length > 0 ? <ChipList items={roles} /> : <span>{t("noRoles")}</span>}
          </div>
          <Disclosure label={t("details")} of={name} className="-ml-2 text-[0.9375rem]">
            <p className="pb-2 text-[0.9375rem] text-muted">
              {t("id")}{" "}
              <code className="font-mono text-ink text-sm wrap-anywhere">
                <Breakable text={id} />
              </code>
            </p>
          </Disclosure>
        </div>
      </div>
      {!isCurrent && (
        <form method="post" action="/api/account/organizations/use" data-organization-form={id}>
          <input type="hidden" name="csrfToken" value={csrfToken} />
          <input type="hidden" name="organization" value={id} />
          <button
            type="submit"
            aria-label={t("useNamed", { organization: name })}
            className={buttonStyle("secondary", "w-full sm:w-auto")}
          >
            {t("use")}
          </button>
        </form>
      )}
    </li>
  );
}
