import "server-only";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Which paths a route handler answers, by the manifests of the build: to those Next hands a body as it came. Where a page is,
 * or nothing, it looks for a server action in it.
 *
 * @returns a test for a path as it stands in the request line; null where no build says so, as in development
 */
export function readRouteHandlers(folder = join(process.cwd(), ".next")): ((path: string) => boolean) | null {
  try {
    const entries = Object.entries(readJson(folder, "app-path-routes-manifest.json") as Record<string, string>);
    const handlers = new Set(entries.filter(([entry]) => entry.endsWith("/route")).map(([, path]) => path));
    const paths = new Set(entries.map(([, path]) => path));
    // In the order in which Next asks them: the first that fits answers.
    const { dynamicRoutes } = readJson(folder, "routes-manifest.json") as {
      dynamicRoutes: readonly { page: string }[];
    };
    return (path) => {
      const page = paths.has(path) ? path : dynamicRoutes.find(({ page }) => fits(path, page))?.page;
      return page !== undefined && handlers.has(page);
    };
  } catch {
    return null;
  }
}

/** Whether a path is one of a page with segments in brackets. */
function fits(path: string, page: string): boolean {
  const given = path.split("/");
  const wanted = page.split("/");
  const rest = wanted.findIndex((segment) => segment.startsWith("[...") || segment.startsWith("[[..."));
  const fixed = rest === -1 ? wanted : wanted.slice(0, rest);
  const hasLength =
    rest === -1 ? given.length === wanted.length : given.length > rest - (wanted[rest]?.startsWith("[[") ? 1 : 0);
  return (
    hasLength && fixed.every((segment, at) => (segment.startsWith("[") ? given[at] !== "" : segment === given[at]))
  );
}

function readJson(folder: string, name: string): unknown {
  return JSON.parse(readFileSync(/* turbopackIgnore: true */ join(/* turbopackIgnore: true */ folder, name), "utf8"));
}
