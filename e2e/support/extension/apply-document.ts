import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Code of a document, as a developer copies it: what to do with it, its first line says. */
interface Step {
  language: string;
  path: string;
  /** What follows the path on that line. */
  remark: string;
  lines: string[];
}

export interface Task {
  title: string;
  steps: Step[];
}

const firstLine = /^(?:\/\/|--|#) ([\w./()[\]-]*\.[\w.]+)(?:: (.*))?$/;

/** The sections of a document whose blocks name a file in their first line. */
export function readTasks(markdown: string): Task[] {
  const tasks: Task[] = [];
  for (const section of markdown.split(/^## /m).slice(1)) {
    const steps: Step[] = [];
    for (const [, language = "", code = ""] of section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
      const [first = "", ...lines] = code.replace(/\n$/, "").split("\n");
      const [, path, remark = ""] = firstLine.exec(first) ?? [];
      if (path) steps.push({ language, path, remark, lines });
    }
    if (steps.length > 0) tasks.push({ title: section.split("\n")[0] ?? "", steps });
  }
  return tasks;
}

/** How many lines a developer adds: neither empty ones, nor those that say where, nor a line that is repeated. */
export function linesOf({ steps }: Task): number {
  const added = steps.map(({ language, path, lines }) => {
    if (language === "diff") return lines.filter((line) => line.startsWith("+")).length;
    return lines.filter((line) => line.trim() !== "").length - (path === "daemun.config.ts" ? 1 : 0);
  });
  return added.reduce((sum, count) => sum + count, 0);
}

/** Does what a task says in a copy of the repository. @throws Error where the document speaks of what is not there */
export function applyTask(folder: string, { steps }: Task): void {
  for (const step of steps) applyStep(folder, step);
}

function applyStep(folder: string, { language, path, remark, lines }: Step): void {
  const file = join(folder, path);
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const write = (text: string) => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const model = /^in (model \w+)$/.exec(remark)?.[1];
  if (language === "diff") write(patch(before, lines, path));
  else if (path === "daemun.config.ts") write(configure(before, lines));
  else if (model) write(replaceOnce(before, `${model} {\n`, `${model} {\n${lines.join("\n")}\n`, path));
  // A file of settings grows, and any other is the document's.
  else write(`${path === ".env" ? before : ""}${lines.join("\n")}\n`);
}

function patch(text: string, lines: readonly string[], path: string): string {
  const [from, to] = ["-", "+"].map((sign) =>
    lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1)),
  );
  return (from ?? []).reduce(
    (changed, line, at) => replaceOnce(changed, `${line}\n`, `${to?.[at] ?? ""}\n`, path),
    text,
  );
}

function configure(text: string, [first = "", ...rest]: readonly string[]): string {
  const inserted = rest.map((line) => `  ${line}\n`).join("");
  const opening = `  ${first}\n`;
  if (text.includes(opening)) return replaceOnce(text, opening, opening + inserted, "daemun.config.ts");
  const closing = first.endsWith("[") ? "]" : "}";
  return replaceOnce(text, "\n});", `\n${opening}${inserted}  ${closing},\n});`, "daemun.config.ts");
}

function replaceOnce(text: string, from: string, to: string, path: string): string {
  if (text.split(from).length !== 2) throw new Error(`${path} has not exactly once: ${from}`);
  return text.replace(from, () => to);
}
