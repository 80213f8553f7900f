import type { Locale } from "@/messages/locales";

/*
 * What makes the app look like yours, all of it in this file: its name, its sign, and its colours. What browsers show besides is
 * in app/icon.svg, app/favicon.ico, app/apple-icon.png and public/icon-512.png.
 */

export const names: Readonly<{ en: string } & Partial<Record<Locale, string>>> = { en: "Daemun", ko: "대문" };

/** The app's sign: a tiled roof, two posts, and a pair of gate leaves with light between them. Decorative; its neighbour names it. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} fill="currentColor" aria-hidden="true" focusable="false">
      <path d="M9.2 4.6q6.8 1.1 13.6 0l.9 2.2c1 2.3 3.2 4 7.3 4.9l-.5 2.2q-14.5 4-29 0L1 11.7c4.1-.9 6.3-2.6 7.3-4.9z" />
      <path d="M4.8 16.3l2.7.4V28H4.8zM24.5 16.7l2.7-.4V28h-2.7z" />
      <path d="M9.3 17.2l5.7.3V28H9.3zM17 17.5l5.7-.3V28H17z" />
    </svg>
  );
}

/**
 * Colours of a hanok gate, in light and in dark: hanji paper, ink tiles, and one accent, the pine green under its eaves. Another
 * accent is four lines: `accent`, `accent-strong` where a pointer is over it, `on-accent` for words on it, `accent-soft` behind it.
 */
export const colours = {
  paper: ["#f5f7f4", "#0f1412"],
  surface: ["#ffffff", "#171e1b"],
  ink: ["#15201b", "#e8eeea"],
  muted: ["#51605a", "#a2b0a9"],
  line: ["#dce3dd", "#29332e"],
  edge: ["#7d8b84", "#75837c"],
  accent: ["#17594a", "#8fd0b8"],
  "accent-strong": ["#0e4336", "#b0e2cf"],
  "on-accent": ["#ffffff", "#08201a"],
  "accent-soft": ["#e2efe9", "#1b302a"],
  warn: ["#734d00", "#ecc983"],
  "warn-soft": ["#fbf1da", "#31270f"],
  danger: ["#9c2f1b", "#f4a593"],
  "danger-soft": ["#fcebe6", "#371d17"],
  // Of the picture of a gate.
  roof: ["#22332c", "#2b3a34"],
  "roof-line": ["#3d5248", "#486055"],
  wood: ["#2f6353", "#3e7362"],
  leaf: ["#17594a", "#245f50"],
  lamp: ["#f6dfae", "#e9c987"],
} as const satisfies Record<string, readonly [light: string, dark: string]>;
