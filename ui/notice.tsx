import type { ReactNode } from "react";
import { NoticeFocus } from "./notice-focus";

const tones = {
  calm: "border-accent bg-accent-soft",
  warn: "border-warn bg-warn-soft",
  danger: "border-danger bg-danger-soft",
} as const;

interface NoticeProps {
  tone: keyof typeof tones;
  title: ReactNode;
  /** `alert` for an error that the person must see first; `status` for the rest. */
  role?: "alert" | "status";
  /** Whether it tells what came of what was just sent: it has the focus when the page has loaded, and so is read out. */
  isOutcome?: boolean;
  children?: ReactNode;
}

export function Notice({ tone, title, role = "status", isOutcome = false, children }: NoticeProps) {
  return (
    <div role={role} tabIndex={isOutcome ? -1 : undefined} className={`rounded-lg border-l-4 px-5 py-4 ${tones[tone]}`}>
      <p className="font-semibold">{title}</p>
      {children && <div className="mt-1 space-y-2 text-[0.9375rem]">{children}</div>}
      {isOutcome && <NoticeFocus />}
    </div>
  );
}
