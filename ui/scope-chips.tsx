import { useMessages } from "next-intl";
import { Badge } from "./badge";
import { Breakable } from "./breakable";

/** Scopes, in plain words where the texts have some for it. */
export function ScopeChips({ scopes, label }: { scopes: readonly string[]; label?: string }) {
  const words: Readonly<Record<string, string>> = useMessages().scopes;
  return (
    <ul aria-label={label} className="flex flex-wrap gap-2">
      {[...new Set(scopes)].map((scope) => (
        <li key={scope} className="max-w-full">
          <Badge tone="plain">
            <span>
              {/* Own keys only: a scope may be called "constructor". */}
              {Object.hasOwn(words, scope) && <>{words[scope]} </>}
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
