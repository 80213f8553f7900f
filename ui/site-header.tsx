"use client";

import type { ReactNode } from "react";
import { Mark } from "./brand/brand";
import type { HeaderTexts } from "./header-texts";
import { LanguageSwitch } from "./language-switch";

interface SiteHeaderProps {
  path: string;
  texts: HeaderTexts;
  /** Whether somebody is here who is known to be nobody yet. */
  offersSignIn: boolean;
  /** The menu of who is signed in. */
  children?: ReactNode;
}

// Plain anchors, here and elsewhere: a page that shows who you are is fetched again each time, never prefetched
// (a prefetch must not count as activity) and never shown from the router's memory after you signed out.
export function SiteHeader({ path, texts, offersSignIn, children }: SiteHeaderProps) {
  return (
    <header className="border-line border-b bg-surface">
      <div className="mx-auto flex min-h-16 w-full max-w-5xl flex-wrap items-center gap-x-2 px-5">
        <a href="/" aria-label={texts.home} className="mr-auto inline-flex min-h-11 items-center gap-2.5">
          <Mark className="size-7 text-accent" />
          <span className="font-bold text-lg tracking-tight">{texts.app}</span>
        </a>
        {texts.languages.map(({ to, label }) => (
          <LanguageSwitch key={to} to={to} label={label} path={path} />
        ))}
        {offersSignIn && (
          <a
            href="/sign-in"
            aria-current={/^\/sign-in(\?|$)/.test(path) ? "page" : undefined}
            className="-mr-3 inline-flex min-h-11 items-center rounded-lg px-3 font-semibold text-accent hover:bg-accent-soft"
          >
            {texts.signIn}
          </a>
        )}
        {children}
      </div>
    </header>
  );
}
