import { useTranslations } from "next-intl";
import { Avatar } from "@/ui/avatar";
import { ChipList } from "@/ui/chip-list";
import { ClaimsTable } from "@/ui/claims/claims-table";
import { DetailList } from "@/ui/detail-list";
import { EmptyPlace } from "@/ui/empty-place";
import { Moment } from "@/ui/moment";
import { SectionCard } from "@/ui/section-card";
import { EmailLine } from "./email-line";

export interface ProfileProps {
  user: { name: string | null; email: string | null; emailVerified: boolean; image: string | null };
  providerName: string;
  session: { signedInAt: Date; idleExpiresAt: Date; expires: Date; device: string | null; roles: string[] };
  claims: Record<string, unknown>;
  now: Date;
}

export function Profile({ user, providerName, session, claims, now }: ProfileProps) {
  const t = useTranslations("account");
  const label = user.name ?? user.email ?? t("someone");
  return (
    <>
      <div className="flex items-center gap-4 rounded-xl border border-line bg-surface p-5 sm:gap-5 sm:p-6">
        <Avatar name={user.name ?? user.email} image={user.image} size="large" alt={t("pictureOf", { name: label })} />
        <div className="min-w-0">
          <p className="font-semibold text-xl wrap-anywhere sm:text-2xl">
            <bdi>{user.name ?? t("noName")}</bdi>
          </p>
          <EmailLine email={user.email} verified={user.emailVerified} />
        </div>
      </div>

      <SectionCard id="session" heading={t("session.heading")}>
        <DetailList
          details={[
            { label: t("session.provider"), value: providerName },
            { label: t("session.device"), value: session.device ?? t("session.deviceUnknown") },
            { label: t("session.signedInAt"), value: <Moment at={session.signedInAt} now={now} /> },
            { label: t("session.idleAt"), value: <Moment at={session.idleExpiresAt} now={now} /> },
            { label: t("session.endsAt"), value: <Moment at={session.expires} now={now} /> },
            {
              label: t("session.roles"),
              value:
                session.roles.length > 0 ? (
                  <ChipList items={session.roles} />
                ) : (
                  <span className="font-normal text-muted">{t("session.noRoles")}</span>
                ),
            },
          ]}
        />
      </SectionCard>

      <SectionCard id="claims" heading={t("claims.heading")} lead={t("claims.lead", { provider: providerName })}>
        {Object.keys(claims).length > 0 ? (
          <div className="mt-4">
            <ClaimsTable claims={claims} caption={t("claims.caption")} />
          </div>
        ) : (
          <div className="p-5 sm:p-6">
            <EmptyPlace title={t("claims.none.title")} body={t("claims.none.body")} />
          </div>
        )}
      </SectionCard>
    </>
  );
}
