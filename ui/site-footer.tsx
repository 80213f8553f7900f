"use client";

import type { Theme } from "./brand/theme";
import { ThemeSwitch } from "./theme-switch";

export interface FooterTexts {
  app: string;
  text: string;
  theme: { label: string } & Record<Theme, string>;
}

// A client component: as the server's it would stand in each page a second time, written out in full.
export function SiteFooter({ theme, path, texts }: { theme: Theme; path: string; texts: FooterTexts }) {
  return (
    <footer className="border-line border-t">
      <div className="mx-auto flex w-full max-w-5xl flex-wrap items-center justify-between gap-x-6 gap-y-3 px-5 py-5 text-muted text-sm">
        <div className="flex flex-wrap gap-x-6 gap-y-1">
          <p className="font-semibold">{texts.app}</p>
          <p>{texts.text}</p>
        </div>
        <ThemeSwitch current={theme} path={path} texts={texts.theme} />
      </div>
    </footer>
  );
}
