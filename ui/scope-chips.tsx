import { useTranslations } from "next-intl";
import en from "@/messages/en.json";
import { Badge } from "./badge";
import { Breakable } from "./breakable";

type KnownScope = keyof typeof en.scopes;

/** Scopes, in plain words where it is one that this house knows. */
export function ScopeChips({ scopes, label }: { scopes: readonly string[]; label?: string }) {
  const t = useTranslations("scopes");
  return (
    <ul aria-label={label} className="flex flex-wrap gap-2">
      {[...new Set(scopes)].map((scope) => (
        <li key={scope} className="max-w-full">
          <Badge tone="plain">
            <span>
              {isKnown(scope) && <>{t(scope)} </>}
              <code className="font-mono text-muted text-xs">
                <Breakable text={scope} />
              </code>
            </span>
          </Badge>
        </li>
      ))}
    </ul>
  );
}

/** Own keys only: a scope may be called "constructor". */
function isKnown(scope: string): scope is KnownScope {
  return Object.hasOwn(en.scopes, scope);
}
