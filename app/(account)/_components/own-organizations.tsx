import { useTranslations } from "next-intl";
import type { Organization } from "@/server/sessions/guards/organizations";
import { Badge } from "@/ui/badge";
import { buttonStyle } from "@/ui/button-style";
import { Name } from "@/ui/name";
import { SectionCard } from "@/ui/section-card";

// The page behind it has them all.
const most = 5;

/** The organizations of a user by name, the one that they work in first. */
export function OwnOrganizations({ organizations }: { organizations: readonly Organization[] }) {
  const t = useTranslations("account.organizations");
  const ordered = [...organizations].sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent));
  const others = ordered.length - most;
  return (
    <SectionCard
      id="organizations"
      heading={t("heading", { count: organizations.length })}
      action={
        <a href="/account/organizations" className={buttonStyle("quiet", "-my-2 -mr-5")}>
          {t("manage")}
        </a>
      }
    >
      <ul className="mt-3 divide-y divide-line border-line border-t">
        {ordered.slice(0, most).map(({ id, name, isCurrent }) => (
          <li key={id} className="flex min-h-13 flex-wrap items-center gap-x-3 gap-y-1 px-5 py-2 sm:px-6">
            <Name className="font-medium wrap-anywhere">{name}</Name>
            {isCurrent && <Badge tone="good">{t("current")}</Badge>}
          </li>
        ))}
        {others > 0 && <li className="px-5 py-3.5 text-muted sm:px-6">{t("more", { count: others })}</li>}
      </ul>
    </SectionCard>
  );
}
