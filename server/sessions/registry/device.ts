import "server-only";
import Bowser from "bowser";

export type DeviceKind = "phone" | "desktop" | "unknown";

// What opens pages within an app, or calls itself otherwise than people do, in the order in which it is looked for.
const named = [
  ["KAKAOTALK", "KakaoTalk"],
  ["NAVER(inapp", "Naver"],
  ["Instagram ", "Instagram"],
  ["FBAN/", "Facebook"],
  ["FBAV/", "Facebook"],
  ["BAND/", "BAND"],
  [" Line/", "LINE"],
  ["Whale/", "Whale"],
  ["SamsungBrowser/", "Samsung Internet"],
] as const;

/** A user agent in words, such as `Chrome, macOS`, or null when it says nothing known. A hint for people, never a fact. */
export function describeDevice(userAgent: string | null): string | null {
  if (!userAgent) return null;
  const { browser, os } = Bowser.parse(userAgent);
  const name = named.find(([sign]) => userAgent.includes(sign))?.[1] ?? browser.name;
  return [name, os.name].filter(Boolean).join(", ").slice(0, 100) || null;
}

/** What to draw beside these words. */
export function deviceKindOf(userAgent: string | null): DeviceKind {
  if (!userAgent) return "unknown";
  const parser = Bowser.getParser(userAgent, true);
  const platform = parser.getPlatformType(true);
  if (platform === "mobile" || platform === "tablet") return "phone";
  return platform === "desktop" || parser.getOSName() === "Chrome OS" ? "desktop" : "unknown";
}
