import { useTranslations } from "next-intl";
import { ClaimsTable } from "@/ui/claims/claims-table";
import { Disclosure } from "@/ui/disclosure";

/** What an access token says, on request. `claims` is null where only the resource can read it. */
export function TokenClaims({ of, claims }: { of: string; claims: Record<string, unknown> | null }) {
  const t = useTranslations("account.inspector.claims");
  if (!claims) return <p className="px-5 pb-5 text-muted text-sm sm:pr-6 sm:pb-6 sm:pl-21">{t("opaque")}</p>;
  return (
    <div className="pb-3">
      <Disclosure label={t("summary")} of={of} className="mx-3 sm:ml-19">
        <div className="mt-1 -mb-3 border-line border-t">
          <ClaimsTable claims={claims} caption={t("caption", { name: of })} />
        </div>
      </Disclosure>
    </div>
  );
}
