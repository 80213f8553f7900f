import { posix } from "node:path";
import type { Merged } from "./merge-manifest";

/** A style sheet whose Tailwind knows Daemun's colours, and finds them in its components. */
export function mergeSheet(text: string, path: string): string {
  const theme = posix.relative(posix.dirname(path), "ui/theme.css");
  if (text.includes("ui/theme.css")) return text;
  return text.replace(/@import\s+["']tailwindcss["'][^;]*;/, (line) => `${line}\n@import "${theme}";`);
}

/** A root layout whose pages are rendered for each request: the policy of each has a nonce. */
export function mergeLayout(text: string): string {
  if (/export const dynamic\b/.test(text)) return text;
  return `${text.trimEnd()}\n\n// Every page carries a nonce of its own, so that none can be rendered ahead of its request.\nexport const dynamic = "force-dynamic";\n`;
}

/** Next's configuration, wrapped. */
export function mergeNextConfig(text: string, path: string): Merged {
  if (text.includes("with-daemun")) return { text, left: [] };
  const wrapped = text.replace(/^export default (\w+);?\s*$/m, "export default withDaemun($1);\n");
  if (wrapped === text || text.includes("next-intl/plugin")) {
    const words =
      'import { withDaemun } from "./cli/with-daemun.mjs", and export default withDaemun(<your configuration>)';
    const plugin =
      " It brings next-intl's plugin, of which there can be one: have it read your file by the option `messages`.";
    return {
      text,
      left: [`${path} is left to you: ${words}.${text.includes("next-intl/plugin") ? plugin : ""}`],
    };
  }
  return { text: `import { withDaemun } from "./cli/with-daemun.mjs";\n${wrapped}`, left: [] };
}

/** Lines that .gitignore has to have. */
export function mergeIgnored(text: string): string {
  const missing = ["/prisma/generated", "/.data"].filter((line) => !text.split("\n").includes(line));
  return missing.length > 0 ? `${text.trimEnd()}\n\n# Daemun\n${missing.join("\n")}\n` : text;
}
