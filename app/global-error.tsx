"use client";

import "./globals.css";
import texts from "@/messages/last-resort.json";
import { GateScene } from "@/ui/brand/gate-scene";
import { themeProperties } from "@/ui/brand/theme";
import { buttonStyle } from "@/ui/button-style";

interface LastResortProps {
  error: Error & { digest?: string };
  retry: () => void;
}

/** The layout itself failed, and with it the choice of language: both are said, one below the other. */
export default function LastResort({ error, retry }: LastResortProps) {
  return (
    <html lang="ko" style={themeProperties()}>
      <body className="font-sans antialiased">
        <title>{`${texts.ko.heading} · ${texts.en.heading}`}</title>
        <main className="mx-auto w-full max-w-xl px-5 py-16 sm:py-24">
          <GateScene open={false} className="h-auto w-36" />
          {(["ko", "en"] as const).map((locale, index) => {
            const Heading = index === 0 ? "h1" : "h2";
            return (
              <section key={locale} lang={locale} className="mt-8">
                <Heading className="font-bold text-2xl">{texts[locale].heading}</Heading>
                <p className="mt-3 text-muted">{texts[locale].body}</p>
                <div className="mt-5 flex flex-wrap gap-3">
                  <button type="button" onClick={() => retry()} className={buttonStyle("primary")}>
                    {texts[locale].retry}
                  </button>
                  <a href="/" className={buttonStyle("secondary")}>
                    {texts[locale].home}
                  </a>
                </div>
              </section>
            );
          })}
          {error.digest && (
            <p className="mt-10 text-muted text-sm">
              {texts.ko.reference} · <span lang="en">{texts.en.reference}</span>{" "}
              <code className="font-mono text-ink wrap-anywhere">{error.digest}</code>
            </p>
          )}
        </main>
      </body>
    </html>
  );
}
