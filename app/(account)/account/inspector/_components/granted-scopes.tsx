import { useTranslations } from "next-intl";
import { ScopeChips } from "@/ui/scope-chips";
import { SectionCard } from "@/ui/section-card";

interface GrantedScopesProps {
  scopes: readonly string[];
  /** What configuration calls them. */
  names: Readonly<Record<string, string>>;
  providerName: string;
}

/** What the provider granted at the sign-in. */
export function GrantedScopes({ scopes, names, providerName }: GrantedScopesProps) {
  const t = useTranslations("account.inspector.granted");
  return (
    <SectionCard id="granted" heading={t("heading", { provider: providerName })} lead={t("lead")}>
      <div className="px-5 pt-5 pb-3 sm:px-6">
        <ScopeChips scopes={scopes} names={names} />
      </div>
    </SectionCard>
  );
}
