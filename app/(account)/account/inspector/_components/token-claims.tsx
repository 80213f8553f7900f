import { useTranslations } from "next-intl";
import { ClaimsTable } from "@/ui/claims/claims-table";

/** What an access token says, on request. `claims` is null where only the resource can read it. */
export function TokenClaims({ of, claims }: { of: string; claims: Record<string, unknown> | null }) {
  const t = useTranslations("account.inspector.claims");
  if (!claims) return <p className="px-5 pb-5 text-muted text-sm sm:pr-6 sm:pb-6 sm:pl-21">{t("opaque")}</p>;
  return (
    <details className="group pb-3">
      <summary className="mx-3 inline-flex min-h-11 cursor-pointer list-none items-center gap-2 rounded-lg px-2 font-medium text-accent hover:bg-accent-soft sm:ml-19 [&::-webkit-details-marker]:hidden">
        <svg
          viewBox="0 0 16 16"
          className="size-4 shrink-0 fill-none stroke-current transition-transform group-open:rotate-90"
          strokeWidth="1.8"
          strokeLinecap="round"
          strokeLinejoin="round"
          aria-hidden="true"
          focusable="false"
        >
          <path d="m6 3.5 4.5 4.5L6 12.5" />
        </svg>
        {t("summary")} <span className="sr-only">{of}</span>
      </summary>
      <div className="mt-1 -mb-3 border-line border-t">
        <ClaimsTable claims={claims} caption={t("caption", { name: of })} />
      </div>
    </details>
  );
}
