"use client";

import { useEffect, useRef } from "react";

/** Scrolls the menu around it sideways until its current entry is seen. */
export function ShowsCurrent() {
  const mark = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const menu = mark.current?.parentElement;
    const current = menu?.querySelector<HTMLElement>('[aria-current="page"]');
    if (!menu || !current) return;
    const { left, width } = current.getBoundingClientRect();
    menu.scrollLeft += left + width / 2 - menu.getBoundingClientRect().left - menu.clientWidth / 2;
  }, []);
  return <span ref={mark} hidden />;
}
