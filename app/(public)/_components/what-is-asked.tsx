import { useTranslations } from "next-intl";
import type { ProviderSummary } from "@/server/auth/provider-list";
import { Disclosure } from "@/ui/disclosure";
import { ScopeChips } from "@/ui/scope-chips";

/** What the app really asks each provider for, before anybody has chosen one. */
export function WhatIsAsked({ providers }: { providers: readonly ProviderSummary[] }) {
  const t = useTranslations("signIn.asked");
  return (
    <Disclosure label={t("summary")} className="-ml-2 mt-1 text-[0.9375rem]">
      <div className="space-y-4 pt-2">
        {providers.map(({ id, name, scopes, scopeNames }) => (
          <section key={id} aria-labelledby={`asked-${id}`}>
            <h3 id={`asked-${id}`} className="mb-2 text-muted text-sm">
              {t("of", { provider: name })}
            </h3>
            <ScopeChips scopes={scopes} names={scopeNames} />
          </section>
        ))}
      </div>
    </Disclosure>
  );
}
