"use client";

import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from "react";
import { buttonStyle } from "../button-style";
import { CountdownRing } from "./countdown-ring";
import { signInFrom } from "./departure";
import { countedText, type SessionTexts } from "./session-texts";
import type { WatchView } from "./watch-view";

interface CountdownDialogProps {
  warning: Extract<WatchView, { kind: "warning" }> | null;
  csrfToken: string;
  texts: SessionTexts;
  onStay: () => void;
  onDismiss: () => void;
}

/**
 * Counts down to the session's end. Whoever presses Escape is there: it means what the button beside "sign out" means,
 * to stay, or, where that is not possible, to be left alone until the end.
 */
export function CountdownDialog({ warning, csrfToken, texts, onStay, onDismiss }: CountdownDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const isOpen = warning !== null;
  // Read out once, with the rest of the description: what ticks would be read out again and again.
  const [leftAtFirst, setLeftAtFirst] = useState<number | null>(null);
  if (warning && leftAtFirst === null) setLeftAtFirst(warning.secondsLeft);
  if (!warning && leftAtFirst !== null) setLeftAtFirst(null);
  const close = warning?.canStay ? onStay : onDismiss;

  // It stays in the page when closed, because only a dialog that is closed gives the focus back.
  useLayoutEffect(() => {
    if (isOpen && !dialog.current?.open) dialog.current?.showModal();
    if (!isOpen) dialog.current?.close();
  });

  function closeByKey(event: KeyboardEvent) {
    if (event.key !== "Escape") return;
    // Browsers let a page hold a dialog open only once in a row. Without the key they do not come to that.
    event.preventDefault();
    close();
  }

  return (
    <dialog
      ref={dialog}
      role="alertdialog"
      aria-labelledby={`${id}-heading`}
      aria-describedby={`${id}-body`}
      onKeyDown={closeByKey}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      className="m-auto w-[calc(100%-2rem)] max-w-md overscroll-contain rounded-2xl border border-line bg-surface text-ink shadow-2xl transition-opacity duration-200 backdrop:bg-black/55 starting:open:opacity-0"
    >
      {warning && (
        <div className="p-6 sm:p-8">
          <CountdownRing secondsLeft={warning.secondsLeft} seconds={warning.seconds} />
          <h2 id={`${id}-heading`} className="mt-5 text-center font-bold text-2xl">
            {(warning.canStay ? texts.idle : texts.absolute).heading}
          </h2>
          <p id={`${id}-body`} className="mt-2 text-center text-muted">
            {(warning.canStay ? texts.idle : texts.absolute).body}
            <span className="sr-only"> {leftAtFirst !== null && spokenTime(texts, leftAtFirst)}</span>
          </p>
          <p role="status" className="text-center font-medium text-[0.9375rem] text-danger not-empty:mt-4">
            {warning.isUnreachable && texts.unreachable}
          </p>
          <div className="mt-7 grid gap-3 sm:grid-cols-2">
            {warning.canStay ? (
              <>
                <button type="button" aria-busy={warning.isStaying} onClick={onStay} className={buttonStyle("primary")}>
                  {texts.idle.stay}
                </button>
                <form method="post" action="/api/auth/signout" data-scope="device" className="grid">
                  <input type="hidden" name="csrfToken" value={csrfToken} />
                  <input type="hidden" name="scope" value="device" />
                  <button type="submit" className={buttonStyle("secondary")}>
                    {texts.idle.signOut}
                  </button>
                </form>
              </>
            ) : (
              <>
                <a href={signInFrom(location)} className={buttonStyle("primary")}>
                  {texts.absolute.signIn}
                </a>
                <button type="button" onClick={onDismiss} className={buttonStyle("secondary")}>
                  {texts.absolute.later}
                </button>
              </>
            )}
          </div>
        </div>
      )}
    </dialog>
  );
}

function spokenTime({ locale, leftSeconds, leftMinutes }: SessionTexts, seconds: number): string {
  return seconds < 60
    ? countedText(leftSeconds, locale, seconds)
    : countedText(leftMinutes, locale, Math.round(seconds / 60));
}
