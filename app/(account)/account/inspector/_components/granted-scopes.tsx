import { useTranslations } from "next-intl";
import en from "@/messages/en.json";
import { Badge } from "@/ui/badge";
import { Breakable } from "@/ui/breakable";
import { SectionCard } from "@/ui/section-card";

type KnownScope = keyof typeof en.account.inspector.granted.words;

/** What the provider granted at the sign-in, in plain words where it is a scope that everybody knows. */
export function GrantedScopes({ scopes, providerName }: { scopes: readonly string[]; providerName: string }) {
  const t = useTranslations("account.inspector.granted");
  return (
    <SectionCard id="granted" heading={t("heading", { provider: providerName })} lead={t("lead")}>
      <ul className="flex flex-wrap gap-2 p-5 sm:p-6">
        {[...new Set(scopes)].map((scope) => (
          <li key={scope} className="max-w-full">
            <Badge tone="plain">
              <span>
                {isKnown(scope) && <>{t(`words.${scope}`)} </>}
                <code className="font-mono text-muted text-xs">
                  <Breakable text={scope} />
                </code>
              </span>
            </Badge>
          </li>
        ))}
      </ul>
    </SectionCard>
  );
}

/** Own keys only: a scope may be called "constructor". */
function isKnown(scope: string): scope is KnownScope {
  return Object.hasOwn(en.account.inspector.granted.words, scope);
}
