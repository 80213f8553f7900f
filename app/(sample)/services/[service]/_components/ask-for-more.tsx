import { useTranslations } from "next-intl";
import { ConnectForm } from "@/ui/connect-form";
import { SectionCard } from "@/ui/section-card";

interface AskForMoreProps {
  /** The service's id. */
  service: string;
  host: string | null;
  csrfToken: string;
  returnTo: string;
}

/** Stands where a form would, for whoever has not allowed as much yet. */
export function AskForMore(props: AskForMoreProps) {
  const t = useTranslations("services.notes.more");
  return (
    <SectionCard id="more" heading={t("heading")} lead={t("body")}>
      <div className="flex p-5 sm:p-6">
        <ConnectForm {...props} more label={t("action")} />
      </div>
    </SectionCard>
  );
}
