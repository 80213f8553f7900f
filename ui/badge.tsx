import type { ReactNode } from "react";

const tones = {
  good: "bg-accent-soft text-accent",
  warn: "bg-warn-soft text-warn",
  danger: "bg-danger-soft text-danger",
  plain: "border border-line bg-paper text-ink",
} as const;

export function Badge({ tone, children }: { tone: keyof typeof tones; children: ReactNode }) {
  return (
    <span
      className={`inline-flex max-w-full items-center gap-1 rounded-full px-2.5 py-0.5 font-medium text-sm wrap-anywhere ${tones[tone]}`}
    >
      {children}
    </span>
  );
}
