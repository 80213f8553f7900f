import type { ReactNode } from "react";
import { GateScene } from "./brand/gate-scene";

interface StatementProps {
  heading: string;
  /** Whether the gate beside it stands open: for people who are signed in. */
  open?: boolean;
  children: ReactNode;
  /** Buttons, the most useful first. */
  actions?: ReactNode;
}

/** A page that says one thing and what happens next: an error, a refusal, an outcome. */
export function Statement({ heading, open = false, children, actions }: StatementProps) {
  return (
    <div className="mx-auto w-full max-w-xl px-5 py-14 sm:py-24">
      <GateScene open={open} className="h-auto w-36" />
      <h1 className="mt-6 font-bold text-3xl sm:text-4xl">{heading}</h1>
      <div className="mt-4 space-y-4 text-lg text-muted">{children}</div>
      {actions && <div className="mt-9 flex flex-wrap gap-3">{actions}</div>}
    </div>
  );
}
