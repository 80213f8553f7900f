import { useTranslations } from "next-intl";
import { Notice } from "@/ui/notice";

/** What ending a session elsewhere did: `count` are over, or none was left to end. */
export function EndedNotice({ count }: { count: number }) {
  const t = useTranslations("account.sessions.notice");
  if (count === 0) return <Notice tone="calm" isOutcome title={t("alreadyOver")} />;
  return (
    <Notice tone="calm" isOutcome title={t("ended", { count })}>
      <p>{t("body", { count })}</p>
    </Notice>
  );
}
