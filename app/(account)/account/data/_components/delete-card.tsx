import { useTranslations } from "next-intl";
import type { Confirmation } from "@/server/sessions/guards/confirmation";
import { SectionCard } from "@/ui/section-card";
import { DeleteForm } from "./delete-form";

interface DeleteCardProps {
  providerName: string;
  graceDays: number;
  /** How long ago a sign-in may be. */
  recentMinutes: number;
  confirmation: Confirmation["kind"];
  /** Whether the word that was typed was another one. */
  isMistyped: boolean;
  csrfToken: string;
}

/** What deleting the account takes away and what it leaves, and the form that does so. */
export function DeleteCard({ providerName: provider, graceDays, ...form }: DeleteCardProps) {
  const t = useTranslations("account.data.delete");
  const facts = [
    { label: t("goes"), text: t("goesBody", { provider }) },
    { label: t("stays"), text: t("staysBody", { provider }) },
    { label: t("when"), text: graceDays === 0 ? t("whenNow") : t("whenLater", { days: graceDays }) },
  ];
  return (
    <SectionCard id="delete" heading={t("heading")} lead={t("lead")}>
      <dl className="grid gap-x-6 gap-y-1 px-5 pt-4 text-[0.9375rem] sm:grid-cols-[8rem_minmax(0,1fr)] sm:gap-y-3 sm:px-6">
        {facts.map(({ label, text }) => (
          <div key={label} className="contents">
            <dt className="mt-2 font-medium sm:mt-0">{label}</dt>
            <dd className="text-muted wrap-anywhere">{text}</dd>
          </div>
        ))}
      </dl>
      <div className="mt-5 border-line border-t px-5 py-5 sm:px-6 sm:py-6">
        <DeleteForm providerName={provider} {...form} />
      </div>
    </SectionCard>
  );
}
