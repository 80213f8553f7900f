import type { ReactNode } from "react";
import { Mark } from "./brand/mark";

interface StatementProps {
  heading: string;
  children: ReactNode;
  /** Buttons, the most useful first. */
  actions?: ReactNode;
}

/** A page that says one thing and what happens next: an error, a refusal, an outcome. */
export function Statement({ heading, children, actions }: StatementProps) {
  return (
    <div className="mx-auto w-full max-w-xl px-5 py-14 sm:py-24">
      <Mark className="size-11 text-accent" />
      <h1 className="mt-6 font-bold text-3xl sm:text-4xl">{heading}</h1>
      <div className="mt-4 space-y-4 text-lg text-muted">{children}</div>
      {actions && <div className="mt-9 flex flex-wrap gap-3">{actions}</div>}
    </div>
  );
}
