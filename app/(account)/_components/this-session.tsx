import { useTranslations } from "next-intl";
import { buttonStyle } from "@/ui/button-style";
import { ChipList } from "@/ui/chip-list";
import { DetailList } from "@/ui/detail-list";
import { Moment } from "@/ui/moment";
import { SectionCard } from "@/ui/section-card";

interface ThisSessionProps {
  providerName: string;
  session: { createdAt: Date; idleExpiresAt: Date; expires: Date; device: string | null; roles: string[] };
  now: Date;
}

export function ThisSession({ providerName, session, now }: ThisSessionProps) {
  const t = useTranslations("account.session");
  return (
    <SectionCard
      id="session"
      heading={t("heading")}
      action={
        <a href="/account/sessions" className={buttonStyle("quiet", "-my-2 -mr-5")}>
          {t("all")}
        </a>
      }
    >
      <DetailList
        details={[
          { label: t("provider"), value: providerName },
          { label: t("device"), value: session.device ?? t("deviceUnknown") },
          { label: t("signedInAt"), value: <Moment at={session.createdAt} now={now} /> },
          { label: t("idleAt"), value: <Moment at={session.idleExpiresAt} now={now} /> },
          { label: t("endsAt"), value: <Moment at={session.expires} now={now} /> },
          {
            label: t("roles"),
            value:
              session.roles.length > 0 ? (
                <ChipList items={session.roles} />
              ) : (
                <span className="font-normal text-muted">{t("noRoles")}</span>
              ),
          },
        ]}
      />
    </SectionCard>
  );
}
