import "server-only";
import Bowser from "bowser";

/** A user agent in words, such as `Chrome, macOS`, or null when it says nothing known. A hint for people, never a fact. */
export function describeDevice(userAgent: string | null): string | null {
  if (!userAgent) return null;
  const { browser, os } = Bowser.parse(userAgent);
  return [browser.name, os.name].filter(Boolean).join(", ").slice(0, 100) || null;
}
