"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useRef } from "react";
import { buttonStyle } from "../button-style";
import { DocumentTitle } from "../document-title";
import { Statement } from "../statement";
import { signInFrom } from "./departure";
import type { Ending } from "./watch-view";

const texts = {
  ended: "ended",
  expired: "expired",
  "signed-out": "signedOut",
  replaced: "replaced",
  unreachable: "unreachable",
  "found-again": "unreachable",
} as const satisfies Record<Ending, string>;

interface SessionOverProps {
  why: Ending;
  header: ReactNode;
  footer: ReactNode;
}

/** What stands where the page stood, until the browser has left; where it cannot leave, for as long as somebody looks. */
export function SessionOver({ why, header, footer }: SessionOverProps) {
  const t = useTranslations("sessionWatch.over");
  const brand = useTranslations("brand");
  const main = useRef<HTMLElement>(null);
  const text = texts[why];
  useEffect(() => main.current?.focus(), []);
  return (
    <>
      <DocumentTitle title={`${t(`${text}.title`)} · ${brand("name")}`} />
      {header}
      <main id="main" tabIndex={-1} ref={main} className="flex-1" data-session-over={why}>
        <Statement
          heading={t(`${text}.heading`)}
          actions={
            why === "replaced" || why === "found-again" ? (
              <a href={location.pathname + location.search} className={buttonStyle("primary")}>
                {t("again")}
              </a>
            ) : (
              <a href={signInFrom(location)} className={buttonStyle("primary")}>
                {t("signIn")}
              </a>
            )
          }
        >
          <p role="status">{t(`${text}.body`)}</p>
        </Statement>
      </main>
      {footer}
    </>
  );
}
