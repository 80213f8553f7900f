"use client";

import type { MouseEvent } from "react";
import { contentId } from "./content-id";

/** Skips to what the page is about: past its own menu too, where it has one. Without script it skips the header. */
export function SkipLink({ label }: { label: string }) {
  function skip(event: MouseEvent): void {
    const content = document.getElementById(contentId);
    if (!content) return;
    event.preventDefault();
    content.focus();
    content.scrollIntoView();
  }
  return (
    // biome-ignore lint/a11y/useValidAnchor: it is an address in the page; a script only leads further into it.
    <a
      href="#main"
      onClick={skip}
      className="-translate-y-24 fixed top-3 left-3 z-30 rounded-lg bg-accent px-4 py-2 font-semibold text-on-accent focus:translate-y-0"
    >
      {label}
    </a>
  );
}
