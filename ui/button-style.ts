const shape =
  "inline-flex min-h-11 items-center justify-center gap-2.5 rounded-lg px-5 py-2 text-center font-semibold no-underline transition-colors focus-visible:rounded-lg disabled:cursor-not-allowed";

const kinds = {
  // Forced colours take its background away: the border is what is left of it.
  primary: "border border-transparent bg-accent text-on-accent hover:bg-accent-strong",
  secondary:
    "border border-edge bg-surface text-ink hover:border-accent hover:bg-accent-soft disabled:border-line disabled:bg-transparent disabled:text-muted",
  // For what cannot be undone.
  danger:
    "border border-danger bg-surface text-danger hover:bg-danger-soft disabled:border-line disabled:bg-transparent disabled:text-muted",
  quiet: "text-accent underline-offset-4 hover:underline",
} as const;

/** Class names that make a `<button>` or an `<a>` one of the four buttons. At least 44 px high, for thumbs. */
export function buttonStyle(kind: keyof typeof kinds, extra = ""): string {
  return `${shape} ${kinds[kind]} ${extra}`.trim();
}
