import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** A regular expression in the source, as it is written there. */
export interface FoundPattern {
  file: string;
  text: string;
}

const folders = ["edge", "server", "app", "ui"];
const single = ["auth.ts", "middleware.ts", "instrumentation.ts"];

/** Every regular expression of what ships, one that is made while running as `RegExp(…)`. Tests are left out. */
export function findPatterns(root: string): FoundPattern[] {
  const below = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  );
  const files = [...below, ...single].filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file));
  return files.flatMap((file) => {
    const found: FoundPattern[] = [];
    const visit = (node: ts.Node): void => {
      const text = patternIn(node);
      if (text !== null) found.push({ file, text });
      node.forEachChild(visit);
    };
    visit(ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.Latest, true));
    return found;
  });
}

function patternIn(node: ts.Node): string | null {
  if (ts.isRegularExpressionLiteral(node)) return node.text;
  const isMade = (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === "RegExp";
  return isMade ? node.getText() : null;
}
