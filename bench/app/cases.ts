import type { AppName } from "@/bench/baselines/build";

/** One thing that is asked of several apps. */
export interface Case {
  id: string;
  label: string;
  /** Where each app has it. */
  paths: Partial<Record<AppName, string>>;
  /** What has to stand in each response. */
  shows: string;
  /** Whether it is asked by somebody who is signed in. */
  signedIn: boolean;
  /** Whether it is asked as a link is followed, or as a script fetches. */
  kind: "page" | "json";
}

const everywhere = (path: string) => ({ daemun: path, bare: path, thin: path, "next-auth": path });
const checked = (path: string) => ({ daemun: path, thin: path, "next-auth": path });

export const cases: readonly Case[] = [
  {
    id: "home",
    label: "our home page, to a stranger",
    paths: { daemun: "/", bare: "/" },
    shows: "Sign in once",
    signedIn: false,
    kind: "page",
  },
  {
    id: "public",
    label: "a developer's public page, to a stranger",
    paths: everywhere("/hello"),
    shows: "Opening hours",
    signedIn: false,
    kind: "page",
  },
  {
    id: "gated",
    label: "a static page for those who are signed in",
    paths: { daemun: "/gated", bare: "/gated" },
    shows: "For those who are signed in.",
    signedIn: true,
    kind: "page",
  },
  {
    id: "signed-in",
    label: "a page with the name of who is signed in",
    paths: everywhere("/who"),
    shows: "Signed in as",
    signedIn: true,
    kind: "page",
  },
  {
    id: "open",
    label: "an open JSON route, asked by a user",
    paths: everywhere("/api/open"),
    shows: "09:00",
    signedIn: true,
    kind: "json",
  },
  {
    id: "checked",
    label: "a JSON route that checks the session",
    paths: checked("/api/checked"),
    shows: "Person",
    signedIn: true,
    kind: "json",
  },
  {
    id: "token",
    label: "a JSON route with an access token",
    paths: checked("/api/token"),
    shows: "expiresAt",
    signedIn: true,
    kind: "json",
  },
  {
    id: "proxied",
    label: "a service's JSON, through the proxy",
    paths: { daemun: "/api/services/shopping/orders" },
    shows: "persimmons",
    signedIn: true,
    kind: "json",
  },
  {
    id: "plain",
    label: "the same by a plain route, which knows no session",
    paths: { daemun: "/api/plain", bare: "/api/plain" },
    shows: "persimmons",
    signedIn: true,
    kind: "json",
  },
];

/** What a browser says: when somebody follows a link, and when a script of the page fetches. */
export function headersOf({ kind }: Case): Record<string, string> {
  return kind === "page"
    ? { Accept: "text/html", "Sec-Fetch-Mode": "navigate" }
    : { Accept: "*/*", "X-CSRF": "1", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors" };
}
