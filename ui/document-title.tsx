"use client";

import { useEffect } from "react";

/** Names the page again where one page turned into another: hydration puts back the title of the page that was asked for. */
export function DocumentTitle({ title }: { title: string }) {
  useEffect(() => {
    document.title = title;
  }, [title]);
  return null;
}
