import { useTranslations } from "next-intl";
import { Breakable } from "@/ui/breakable";
import { ClaimsTable } from "@/ui/claims/claims-table";
import { Disclosure } from "@/ui/disclosure";

interface TokenClaimsProps {
  /** What people call it. */
  of: string;
  /** The resource's indicator, or the organization's id. */
  id: string;
  /** What its access token says; null where only the resource can read it. */
  claims: Record<string, unknown> | null;
}

/** What a permission and its access token are called, and what the token says, on request. */
export function TokenClaims({ of, id, claims }: TokenClaimsProps) {
  const t = useTranslations("account.inspector.claims");
  return (
    <div className="pb-3">
      <Disclosure label={t("summary")} of={of} className="mx-3 sm:ml-19">
        {of !== id && (
          <p className="px-5 pt-1 pb-3 text-[0.9375rem] text-muted sm:pr-6 sm:pl-21">
            {t("id")}{" "}
            <code className="font-mono text-ink text-sm wrap-anywhere">
              <Breakable text={id} />
            </code>
          </p>
        )}
        {claims ? (
          <div className="mt-1 -mb-3 border-line border-t">
            <ClaimsTable claims={claims} caption={t("caption", { name: of })} />
          </div>
        ) : (
          <p className="px-5 pb-3 text-muted text-sm sm:pr-6 sm:pl-21">{t("opaque")}</p>
        )}
      </Disclosure>
    </div>
  );
}
