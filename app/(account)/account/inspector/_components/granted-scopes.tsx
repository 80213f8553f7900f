import { useTranslations } from "next-intl";
import { ScopeChips } from "@/ui/scope-chips";
import { SectionCard } from "@/ui/section-card";

/** What the provider granted at the sign-in. */
export function GrantedScopes({ scopes, providerName }: { scopes: readonly string[]; providerName: string }) {
  const t = useTranslations("account.inspector.granted");
  return (
    <SectionCard id="granted" heading={t("heading", { provider: providerName })} lead={t("lead")}>
      <div className="p-5 sm:p-6">
        <ScopeChips scopes={scopes} />
      </div>
    </SectionCard>
  );
}
