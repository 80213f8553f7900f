import type { ReactNode } from "react";

const tones = {
  calm: "border-accent bg-accent-soft",
  warn: "border-warn bg-warn-soft",
  danger: "border-danger bg-danger-soft",
} as const;

interface NoticeProps {
  tone: keyof typeof tones;
  title: string;
  /** `alert` for an error that the person must see first; `status` for the rest. */
  role?: "alert" | "status";
  children?: ReactNode;
}

export function Notice({ tone, title, role = "status", children }: NoticeProps) {
  return (
    <div role={role} className={`rounded-lg border-l-4 px-5 py-4 ${tones[tone]}`}>
      <p className="font-semibold">{title}</p>
      {children && <div className="mt-1 space-y-2 text-[0.9375rem]">{children}</div>}
    </div>
  );
}
