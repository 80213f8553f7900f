import { useTranslations } from "next-intl";
import type { UserDetails } from "@/server/administration/find-user";
import { Badge } from "@/ui/badge";
import { Breakable } from "@/ui/breakable";
import { DetailList } from "@/ui/detail-list";
import { Moment } from "@/ui/moment";

/** Who it is, and since when. */
export function UserFacts({ user, now }: { user: UserDetails; now: Date }) {
  const t = useTranslations("admin.user.facts");
  return (
    <section aria-label={t("label")} className="rounded-xl border border-line bg-surface">
      <DetailList
        details={[
          {
            label: t("email"),
            value: user.email ? (
              <span className="flex flex-wrap items-center gap-2">
                <bdi>{user.email}</bdi>
                {user.emailVerified && <Badge tone="good">{t("verified")}</Badge>}
              </span>
            ) : (
              t("none")
            ),
          },
          { label: t("created"), value: <Moment at={user.createdAt} now={now} /> },
          ...(user.disabledAt ? [{ label: t("disabled"), value: <Moment at={user.disabledAt} now={now} /> }] : []),
          ...(user.deletionDueAt
            ? [{ label: t("deletion"), value: <Moment at={user.deletionDueAt} now={now} /> }]
            : []),
          ...(user.adminBy ? [{ label: t("admin"), value: t(`adminBy.${user.adminBy}`) }] : []),
          {
            label: t("id"),
            value: (
              <code className="text-sm">
                <Breakable text={user.id} />
              </code>
            ),
          },
        ]}
      />
    </section>
  );
}
