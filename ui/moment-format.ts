/**
 * How a moment is written, on the server and in the browser alike. By the 24-hour clock: what halves of a day are called
 * differs between Node's data and browsers' ("PM 5:08" in Korean text).
 */
export const momentFormat = {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
} as const;

/** The same without the day, below a heading that names it. */
export const timeFormat = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" } as const;

/** A day, as such a heading names it. */
export const dayFormat = { weekday: "long", year: "numeric", month: "long", day: "numeric" } as const;
