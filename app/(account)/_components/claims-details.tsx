import { useTranslations } from "next-intl";
import { ClaimsTable } from "@/ui/claims/claims-table";
import { Disclosure } from "@/ui/disclosure";
import { EmptyPlace } from "@/ui/empty-place";

/** All that a provider said of somebody, in its own words: for whoever asks. */
export function ClaimsDetails({ claims, providerName }: { claims: Record<string, unknown>; providerName: string }) {
  const t = useTranslations("account.claims");
  return (
    <section aria-label={t("heading")} className="overflow-hidden rounded-xl border border-line bg-surface">
      <Disclosure label={t("details")} className="m-1.5 sm:m-2.5">
        <p className="px-5 pt-1 text-muted sm:px-6">{t("lead", { provider: providerName })}</p>
        {Object.keys(claims).length > 0 ? (
          <div className="mt-3">
            <ClaimsTable claims={claims} caption={t("caption")} />
          </div>
        ) : (
          <div className="p-5 sm:p-6">
            <EmptyPlace title={t("none.title")} body={t("none.body")} />
          </div>
        )}
      </Disclosure>
    </section>
  );
}
