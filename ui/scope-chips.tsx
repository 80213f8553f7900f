import { useMessages, useTranslations } from "next-intl";
import { Badge } from "./badge";
import { Breakable } from "./breakable";
import { Disclosure } from "./disclosure";

interface ScopeChipsProps {
  scopes: readonly string[];
  /** What configuration calls them, by the scope, in this page's language. The app's own words come after. */
  names?: Readonly<Record<string, string>>;
  label?: string;
}

/** Scopes in plain words, where there are some, and their own names on request; a scope without words by its own name. */
export function ScopeChips({ scopes, names = {}, label }: ScopeChipsProps) {
  const t = useTranslations("rawNames");
  const words: Readonly<Record<string, string>> = useMessages().scopes;
  const told = [...new Set(scopes)].map((scope) => ({ scope, words: wordOf(names, scope) ?? wordOf(words, scope) }));
  const named = told.filter((one) => one.words !== null);
  return (
    <div className="min-w-0">
      <ul aria-label={label} className="flex flex-wrap gap-2">
        {told.map((one) => (
          <li key={one.scope} data-scope={one.scope} className="max-w-full">
            <Badge tone="plain">{one.words ?? <RawName text={one.scope} />}</Badge>
          </li>
        ))}
      </ul>
      {named.length > 0 && (
        <Disclosure label={t("summary")} of={t("ofScopes")} className="-ml-2 mt-1 text-[0.9375rem]">
          <dl className="grid gap-x-5 gap-y-0.5 pb-1 text-[0.9375rem] sm:grid-cols-[auto_minmax(0,1fr)] sm:gap-y-1.5">
            {named.map((one) => (
              <div key={one.scope} className="contents">
                <dt className="mt-1.5 text-muted first:mt-0 sm:mt-0">{one.words}</dt>
                <dd className="wrap-anywhere">
                  <RawName text={one.scope} />
                </dd>
              </div>
            ))}
          </dl>
        </Disclosure>
      )}
    </div>
  );
}

// Own keys only: a scope may be called "constructor".
function wordOf(words: Readonly<Record<string, string>>, scope: string): string | null {
  return Object.hasOwn(words, scope) ? (words[scope] ?? null) : null;
}

function RawName({ text }: { text: string }) {
  return (
    <code className="font-mono text-muted text-xs" translate="no">
      <Breakable text={text} />
    </code>
  );
}
