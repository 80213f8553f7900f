import { useTranslations } from "next-intl";
import { Notice } from "@/ui/notice";

interface ChangeNoticeProps {
  /** The name of the provider that was added a moment ago. */
  linked: string | null;
  /** The name of one that was removed. */
  unlinked: string | null;
}

/** What adding or removing a sign-in method did. */
export function ChangeNotice({ linked, unlinked }: ChangeNoticeProps) {
  const t = useTranslations("account.identities.notice");
  if (linked !== null) {
    return (
      <Notice tone="calm" title={t("linked", { provider: linked })}>
        <p>{t("linkedBody")}</p>
      </Notice>
    );
  }
  if (unlinked === null) return null;
  return (
    <Notice tone="calm" title={t("unlinked", { provider: unlinked })}>
      <p>{t("unlinkedBody")}</p>
    </Notice>
  );
}
