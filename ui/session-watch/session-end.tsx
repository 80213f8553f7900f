"use client";

import { createContext, type ReactNode, useContext } from "react";

/** What stands in the place of the page's content once its session is over; null while it lives, and where nobody is signed in. */
export const SessionEnd = createContext<ReactNode>(null);

/** What is only for the user who is signed in: it is gone as soon as the session is over. */
export function UntilSessionEnds({ children }: { children: ReactNode }) {
  return useContext(SessionEnd) === null ? children : null;
}

/** The content of a page of somebody who is signed in, and what takes its place when the session is over. */
export function SessionContent({ children }: { children: ReactNode }) {
  return useContext(SessionEnd) ?? children;
}
