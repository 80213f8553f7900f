const verdicts = {
  ended: { tone: "text-accent", path: "M4 10.5l4 4 8-9" },
  notEnded: { tone: "text-muted", path: "M5 10h10" },
  unsure: { tone: "text-warn", path: "M7 7.5a3 3 0 1 1 4.2 2.8c-.8.4-1.2.9-1.2 1.9M10 15.2v.1" },
} as const;

interface OutcomeRowProps {
  verdict: keyof typeof verdicts;
  /** The verdict in a word. */
  label: string;
  text: string;
}

export function OutcomeRow({ verdict, label, text }: OutcomeRowProps) {
  const { tone, path } = verdicts[verdict];
  return (
    <li className="flex gap-3.5 p-4 sm:p-5">
      <svg
        viewBox="0 0 20 20"
        className={`mt-1 size-5 shrink-0 fill-none stroke-current ${tone}`}
        strokeWidth="2.2"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        <path d={path} />
      </svg>
      <p className="min-w-0 wrap-anywhere">
        <strong className={`block font-semibold text-sm ${tone}`}>{label}</strong>
        <span className="text-ink">{text}</span>
      </p>
    </li>
  );
}
