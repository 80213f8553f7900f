import { isDeepStrictEqual } from "node:util";

interface Manifest {
  type?: string;
  engines?: { node?: string };
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** What a merge gives: the text, and what it leaves to the developer, in sentences. */
export interface Merged {
  text: string;
  left: string[];
}

// The build and the commands need these; tests and the demo do not come along.
const buildTools =
  "@tailwindcss/postcss @types/d3-scale @types/d3-shape @types/node @types/pg @types/react @types/react-dom prisma tailwindcss tsx typescript".split(
    " ",
  );
const commands =
  "db:generate db:migrate doctor urls provider:move vault:rotate signing:rotate audit:verify user sweep webhooks import:authjs".split(
    " ",
  );

/** What stands for every package of an app. */
const allPackages = "packages";

/** Whether a range of package.json, one version or a caret's, takes a version. */
function allows(range: string, version: string): boolean {
  const match = /^\^(\d+)(?:\.(\d+))?(?:\.(\d+))?$/.exec(range);
  if (!match) return range === version;
  const [major = 0, minor = 0, patch = 0] = match.slice(1).map((part) => Number(part ?? 0));
  const [a = 0, b = 0, c = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  // Below 1.0.0 the second number says what breaks.
  if (a !== major || (major === 0 && b !== minor)) return false;
  return b > minor || (b === minor && c >= patch);
}

/**
 * A package.json with what Daemun needs. What is there stays; Next's own words for `start` alone give way to ours.
 *
 * @param brought versions that a former run wrote: those that still stand are brought up to date
 * @param replace names of packages whose version may be ours
 */
export function mergeManifest(
  text: string,
  ours: Manifest,
  { brought, replace }: { brought: Readonly<Record<string, string>>; replace: readonly string[] },
): Merged & { brought: Record<string, string> } {
  const manifest = JSON.parse(text) as Manifest;
  const left: string[] = [];
  const now: Record<string, string> = {};
  const add = (kind: "dependencies" | "devDependencies", names: readonly string[]) => {
    for (const name of names) {
      const wanted = ours.dependencies?.[name] ?? ours.devDependencies?.[name] ?? "";
      const place = [manifest.dependencies, manifest.devDependencies].find((list) => list?.[name] !== undefined);
      const has = place?.[name];
      now[name] = wanted;
      if (place && (has === brought[name] || replace.includes(name) || replace.includes(allPackages)))
        place[name] = wanted;
      else if (place && has !== undefined && !allows(has, wanted)) {
        left.push(
          `package.json has ${name} ${has}, and Daemun is tested with ${wanted}. --replace ${name} takes ours, --replace ${allPackages} all.`,
        );
        if (brought[name] === undefined) delete now[name];
        else now[name] = brought[name];
      } else if (!place) manifest[kind] = sorted({ ...manifest[kind], [name]: wanted });
    }
  };
  add("dependencies", Object.keys(ours.dependencies ?? {}));
  add("devDependencies", buildTools);
  const scripts = { ...manifest.scripts };
  for (const name of commands)
    scripts[name] ??= (ours.scripts?.[name] ?? "").replace(/^node cli\/node-version.cjs && /, "");
  scripts.prebuild ??= "tsx prisma/generate.ts";
  scripts.predev ??= "tsx prisma/generate.ts";
  if (!scripts.start || scripts.start === "next start") scripts.start = ours.scripts?.start ?? "";
  manifest.scripts = scripts;
  // Commands and builds say which Node they need.
  if (ours.engines?.node) manifest.engines = { node: ours.engines.node, ...manifest.engines };
  manifest.type ??= "module";
  if (manifest.type !== "module") left.push('package.json says another "type" than "module", which Daemun needs.');
  const isSame = isDeepStrictEqual(manifest, JSON.parse(text));
  return { text: isSame ? text : `${JSON.stringify(manifest, null, 2)}\n`, left, brought: now };
}

function sorted(list: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface Tsconfig {
  compilerOptions?: { target?: string; paths?: Record<string, string[]>; strict?: boolean };
}

const oldTargets = /^es(?:3|5|6|20(?:1\d|2[01]))$/i;

/** A tsconfig.json by which `@/…` finds what lies in the app's folder, also where the app's own code is in `src/`. */
export function mergeTsconfig(text: string): Merged {
  let config: Tsconfig;
  try {
    config = JSON.parse(text);
  } catch {
    return {
      text,
      left: ['tsconfig.json has comments and is left to you: "paths": { "@/*": [..., "./*"] }, "target": "ES2022".'],
    };
  }
  const options = { ...config.compilerOptions };
  const own = options.paths?.["@/*"] ?? [];
  options.paths = { ...options.paths, "@/*": own.includes("./*") ? own : [...own, "./*"] };
  if (!options.target || oldTargets.test(options.target)) options.target = "ES2022";
  const left = options.strict === true ? [] : ['tsconfig.json is not "strict", and Daemun is checked as if it were.'];
  const merged = { ...config, compilerOptions: options };
  const isSame = isDeepStrictEqual(merged, config);
  return { text: isSame ? text : `${JSON.stringify(merged, null, 2)}\n`, left };
}

type Texts = { [key: string]: string | Texts };

/** Messages with ours beside those that are there. Where both have a text, the app's own stays, and is named. */
export function mergeMessages(text: string, ours: string, path: string): Merged {
  const left: string[] = [];
  const merge = (own: Texts, other: Texts, at: string): Texts => {
    const merged: Texts = { ...own };
    for (const [key, value] of Object.entries(other)) {
      const has = own[key];
      if (has === undefined) merged[key] = value;
      else if (typeof has === "object" && typeof value === "object") merged[key] = merge(has, value, `${at}${key}.`);
      else if (typeof has !== typeof value)
        left.push(`${path} has ${at}${key} in another form than Daemun's pages need.`);
    }
    return merged;
  };
  const own = JSON.parse(text) as Texts;
  const merged = merge(own, JSON.parse(ours) as Texts, "");
  return { text: isDeepStrictEqual(merged, own) ? text : `${JSON.stringify(merged, null, 2)}\n`, left };
}
