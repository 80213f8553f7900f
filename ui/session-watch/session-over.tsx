"use client";

import { useEffect, useRef } from "react";
import { buttonStyle } from "../button-style";
import { DocumentTitle } from "../document-title";
import { Statement } from "../statement";
import { signInFrom } from "./departure";
import type { SessionTexts } from "./session-texts";
import type { Ending } from "./watch-view";

/** What stands where the content stood, until the browser has left; where it cannot leave, for as long as somebody looks. */
export function SessionOver({ why, texts }: { why: Ending; texts: SessionTexts["over"] }) {
  const main = useRef<HTMLElement>(null);
  const text = texts[why === "found-again" ? "unreachable" : why];
  useEffect(() => main.current?.focus(), []);
  return (
    <>
      <DocumentTitle title={text.title} />
      <main id="main" tabIndex={-1} ref={main} className="flex-1" data-session-over={why}>
        <Statement
          heading={text.heading}
          actions={
            why === "replaced" || why === "found-again" ? (
              <a href={location.pathname + location.search} className={buttonStyle("primary")}>
                {texts.again}
              </a>
            ) : (
              <a href={signInFrom(location)} className={buttonStyle("primary")}>
                {texts.signIn}
              </a>
            )
          }
        >
          <p role="status">{text.body}</p>
        </Statement>
      </main>
    </>
  );
}
