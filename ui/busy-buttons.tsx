"use client";

import { useEffect } from "react";

// A browser that did not get away has said so by then.
const longestMs = 15_000;

/** Marks the button of a form that leaves the page, until the browser is away: `aria-busy`, and what globals.css makes of it. */
export function BusyButtons() {
  useEffect(() => {
    const busy = new Set<HTMLElement>();
    const rest = () => {
      for (const button of busy) button.removeAttribute("aria-busy");
      busy.clear();
    };
    function mark(event: SubmitEvent): void {
      const { submitter, target } = event;
      // What a script sends says itself how it gets on; what is downloaded leaves the page where it is.
      const stays = target instanceof HTMLElement && "download" in target.dataset;
      if (event.defaultPrevented || stays || !submitter) return;
      submitter.setAttribute("aria-busy", "true");
      busy.add(submitter);
      setTimeout(rest, longestMs);
    }
    // On the window, after everything that might keep the form here; and a page that comes back is not on its way.
    window.addEventListener("submit", mark);
    window.addEventListener("pageshow", rest);
    return () => {
      window.removeEventListener("submit", mark);
      window.removeEventListener("pageshow", rest);
    };
  }, []);
  return null;
}
