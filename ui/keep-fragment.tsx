"use client";

import { useEffect } from "react";

/**
 * A server never sees the fragment of the page that was asked for, but the browser carries it along a redirect to
 * this one. Before a sign-in form leaves, it is added to the return path, so that people land where they were.
 */
export function KeepFragment() {
  useEffect(() => {
    function keep(event: SubmitEvent) {
      const { hash } = window.location;
      if (!hash || !(event.target instanceof HTMLFormElement) || event.target.dataset.provider === undefined) return;
      const field = event.target.elements.namedItem("returnTo");
      // Coming back with the browser's button submits the same field again.
      if (field instanceof HTMLInputElement && !field.value.includes("#")) field.value += hash;
    }
    document.addEventListener("submit", keep);
    return () => document.removeEventListener("submit", keep);
  }, []);
  return null;
}
