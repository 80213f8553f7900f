"use client";

import { useEffect, useRef } from "react";

/**
 * Puts the focus on the notice around it when the page has loaded: what a form led to is read out first, and the keyboard goes
 * on from there. Where somebody is elsewhere on the page already, they stay there.
 */
export function NoticeFocus() {
  const mark = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const notice = mark.current?.parentElement;
    if (notice && (document.activeElement === null || document.activeElement === document.body)) notice.focus();
  }, []);
  return <span ref={mark} hidden />;
}
