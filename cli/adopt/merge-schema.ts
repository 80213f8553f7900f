import type { Merged } from "./merge-manifest";

interface Part {
  /** `model User` */
  name: string;
  text: string;
}

/** The blocks of a Prisma schema, each with the comments right above it. */
function readParts(schema: string): Part[] {
  const blocks = schema.matchAll(/^(?:\/\/[^\n]*\n)*(model|enum|type|generator|datasource) (\w+) \{\n[\s\S]*?^\}$/gm);
  return [...blocks].map(([text, kind, name]) => ({ name: `${kind} ${name}`, text }));
}

const fieldsOf = (part: Part) =>
  new Map([...part.text.matchAll(/^ {2}(\w+) +(?!=)[^\n]*$/gm)].map(([line, name = ""]) => [name, line]));

const ownGenerator = "generator daemun";

/**
 * A Prisma schema with Daemun's models beside an app's own, and a client of its own for them.
 *
 * @param replace names of models, `model User`, that may be Daemun's: fields that only the app's has stay in them
 */
export function mergeSchema(text: string, ours: string, replace: readonly string[]): Merged {
  const own = new Map(readParts(text).map((part) => [part.name, part]));
  const left: string[] = [];
  const added: string[] = [];
  let merged = text;
  for (const part of readParts(ours)) {
    if (part.name.startsWith("datasource ")) continue;
    const name = part.name.startsWith("generator ") ? ownGenerator : part.name;
    const block = part.text.replace(/^generator \w+/m, ownGenerator);
    const has = own.get(name);
    if (!has) {
      added.push(block);
      continue;
    }
    const known = fieldsOf(has);
    const wanted = fieldsOf(part);
    const missing = [...wanted].filter(([field]) => !known.has(field));
    const isOurs = [...wanted].every(
      ([field, line]) => (known.get(field) ?? line).replace(/\s+/g, " ") === line.replace(/\s+/g, " "),
    );
    if (isOurs && missing.length === 0) continue;
    if (isOurs && missing.length < wanted.size) {
      // One of ours, to which this version adds.
      merged = merged.replace(has.text, () =>
        has.text.replace(/\n\}$/, `\n${missing.map(([, line]) => line).join("\n")}\n}`),
      );
    } else if (replace.includes(name)) {
      const extra = [...known].filter(([field]) => !wanted.has(field)).map(([, line]) => line);
      merged = merged.replace(has.text, () =>
        block.replace(/\n\}$/, extra.length > 0 ? `\n${extra.join("\n")}\n}` : "\n}"),
      );
    } else {
      left.push(
        `prisma/schema.prisma has a ${name} of its own. --replace "${name}" takes Daemun's, with your further fields.`,
      );
    }
  }
  const whole = added.length > 0 ? `${merged.trimEnd()}\n\n${added.join("\n\n")}\n` : merged;
  return { text: whole, left };
}
