import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "./host";

/** A part that an app may do without. */
export const parts = { admin: [/^app\/\(admin\)\//, /^app\/api\/admin\//] } as const;

export type Part = keyof typeof parts;

// The groups of pages and routes have one folder of their own in an app that has others.
const pages =
  /^app\/(?:\((?:public|account|admin)\)|_components|api|healthz|readyz)\/|^app\/(?:error|forbidden|unauthorized)\.tsx$/;
const whole = /^(?:edge|server|ui|messages|prisma)\//;
const commands =
  /^cli\/(?:audit-verify|before-start|check-config|doctor|import-authjs|node-version|provider-move|run-command|signing-rotate|sweep|urls|user|vault-rotate|webhooks|with-daemun)\.\w+$/;
const single = /^(?:auth|middleware|instrumentation|daemun\.config|daemun\.hooks|prisma\.config)\.ts$|^\.env\.example$/;

// What an app has by itself: its home page, icons and texts of its own kind.
const leftOut = /\.test\.tsx?$|^app\/\(public\)\/page\.tsx$|^app\/.*\.sample\.tsx$|^prisma\/generated\//;

/** Where middleware of ours goes that an app calls from its own. */
export const besideOwnMiddleware = "daemun.middleware.ts";

/**
 * What an app gets, by its path there.
 *
 * @param root of the version that is brought
 * @param options.middleware whether ours is the app's whole middleware
 */
export function shippedFiles(
  root: string,
  host: Host,
  { without, middleware }: { without: readonly Part[]; middleware: boolean },
): Map<string, Buffer> {
  const listed = execFileSync("git", ["-C", root, "ls-files", "-z", "-c"], { encoding: "utf8" });
  const isWanted = (path: string) =>
    [pages, whole, commands, single].some((pattern) => pattern.test(path)) &&
    !leftOut.test(path) &&
    !without.some((part) => parts[part].some((pattern) => pattern.test(path)));
  const files = new Map<string, Buffer>();
  for (const path of listed.split("\0").filter(isWanted)) {
    if (existsSync(join(root, path))) files.set(placeOf(path, host, middleware), readFileSync(join(root, path)));
  }
  for (const [path, text] of Object.entries(ownFiles(host))) files.set(path, Buffer.from(text));
  if (!host.tailwindSheet) files.set("postcss.config.mjs", readFileSync(join(root, "postcss.config.mjs")));
  return files;
}

function placeOf(path: string, { app, beside }: Host, middleware: boolean): string {
  if (path === "middleware.ts") return `${beside}${middleware ? path : besideOwnMiddleware}`;
  if (path === "instrumentation.ts") return `${beside}${path}`;
  return path.startsWith("app/") ? `${app}/(daemun)/${path.slice("app/".length)}` : path;
}

/** What only an app has whose own pages have a layout already. */
function ownFiles({ app, tailwindSheet }: Host): Record<string, string> {
  const up = "../".repeat(app.split("/").length + 1);
  return {
    [`${app}/(daemun)/layout.tsx`]: layout(tailwindSheet === null),
    ...(tailwindSheet === null && {
      [`${app}/(daemun)/daemun.css`]: `@import "tailwindcss" source(none);\n@import "${up}ui/theme.css";\n@source ".";\n@source "${up}ui";\n`,
    }),
    // For the pages beside ours, which ask for roles too.
    [`${app}/forbidden.tsx`]: 'export { default, generateMetadata } from "./(daemun)/forbidden";\n',
    [`${app}/unauthorized.tsx`]: 'export { default, generateMetadata } from "./(daemun)/unauthorized";\n',
  };
}

const layout = (
  hasSheet: boolean,
) => `${hasSheet ? 'import "./daemun.css";\n' : ""}import type { Metadata } from "next";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Shell, ThemeStyle } from "./_components/shell";

// Every page carries a nonce and may say who you are: none can be rendered ahead of its request.
export const dynamic = "force-dynamic";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations();
  return { title: { template: \`%s · \${t("brand.name")}\`, default: t("brand.name") } };
}

/** What is around Daemun's own pages, inside the app's own layout. */
export default async function DaemunLayout({ children }: { children: ReactNode }) {
  return (
    <div lang={await getLocale()} className="flex min-h-dvh flex-col bg-paper font-sans text-ink antialiased">
      <ThemeStyle />
      <Shell>{children}</Shell>
    </div>
  );
}
`;
