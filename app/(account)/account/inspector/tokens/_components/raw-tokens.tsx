"use client";

import { useActionState } from "react";
import { buttonStyle } from "@/ui/button-style";
import { showRawTokens } from "../actions";

interface RawTokensProps {
  csrfToken: string;
  words: { heading: string; lead: string; show: string; none: string; confirm: string; failed: string };
}

/** The tokens themselves, once somebody has asked for them. Works without script; nothing keeps them but this page. */
export function RawTokens({ csrfToken, words }: RawTokensProps) {
  const [shown, show, isPending] = useActionState(showRawTokens, null);
  const tokens = shown?.kind === "tokens" ? shown.tokens : [];
  return (
    <section aria-labelledby="raw" className="rounded-xl border border-warn bg-warn-soft p-5 sm:p-6">
      <h2 id="raw" className="font-semibold text-xl">
        {words.heading}
      </h2>
      <p className="mt-1.5">{words.lead}</p>
      <form action={show} data-form="raw" className="mt-4">
        <input type="hidden" name="csrfToken" value={csrfToken} />
        <button type="submit" aria-disabled={isPending} className={buttonStyle("secondary")}>
          {words.show}
        </button>
      </form>
      <div role="status" className="mt-4 space-y-4 empty:hidden">
        {shown?.kind === "failed" && (
          <p className="font-semibold">
            {words.failed} <code className="font-mono text-sm">{shown.code}</code>
          </p>
        )}
        {shown?.kind === "confirm" && (
          <a href={shown.href} data-confirm className={buttonStyle("primary")}>
            {words.confirm}
          </a>
        )}
        {shown?.kind === "tokens" && tokens.length === 0 && <p className="font-semibold">{words.none}</p>}
        {tokens.map(({ of, token }) => (
          <div key={of} data-raw={of}>
            <p className="font-mono text-sm wrap-anywhere">{of}</p>
            <pre className="mt-1 rounded-lg bg-surface p-3 font-mono text-xs whitespace-pre-wrap wrap-anywhere">
              {token}
            </pre>
          </div>
        ))}
      </div>
    </section>
  );
}
