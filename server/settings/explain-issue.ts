import "server-only";
import { z } from "zod";
import { configSchema } from "@/edge/config-schema";
import { didYouMean, nearest } from "./nearest";

/** As much of JSON Schema as zod writes for the configuration. */
interface Shape {
  type?: string;
  properties?: Record<string, Shape>;
  required?: string[];
  additionalProperties?: Shape | boolean;
  items?: Shape;
  anyOf?: Shape[];
  oneOf?: Shape[];
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  minItems?: number;
}

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What is wrong, each by its key path, with how to write it: zod says what it did not expect, and not what was meant. */
export function explainIssues(issues: readonly Issue[], config: unknown): string[] {
  const whole = z.toJSONSchema(configSchema, { unrepresentable: "any", io: "input" }) as Shape;
  return issues.flatMap((issue) => explain(issue, [], { whole, config }));
}

interface Told {
  whole: Shape;
  config: unknown;
}

function explain(issue: Issue, above: Path, told: Told): string[] {
  const path = [...above, ...issue.path];
  const shapes = shapesAt(path, told);
  const say = (what: string, at: Path = path) => `${at.length > 0 ? `${at.map(String).join(".")}: ` : ""}${what}`;
  if (issue.code === "unrecognized_keys") {
    const known = [...new Set(shapes.flatMap(({ properties = {} }) => Object.keys(properties)))];
    return issue.keys.map((key) => {
      const meant = nearest(key, known) ?? nearest(key.toLowerCase(), known);
      return say(`is no setting.${didYouMean(meant) || ` Known here: ${known.join(", ")}.`}`, [...path, key]);
    });
  }
  if (issue.code === "invalid_key") return [say(issue.issues[0]?.message ?? issue.message)];
  if (issue.code === "invalid_union") {
    // The branch whose form the value has, if there is one: its faults are further inside.
    const meant = issue.errors.find((issues) => issues.some((inner) => inner.path.length > 0));
    if (meant) return meant.flatMap((inner) => explain(inner, path, told));
  }
  // A sentence of the schema's own; zod's begin like this.
  if (!["Invalid", "Too "].some((beginning) => issue.message.startsWith(beginning))) return [say(issue.message)];
  const expected = shapes.map(describeShape).join(" or ");
  return [say(valueAt(path, told.config) === undefined ? `is missing: ${expected}` : `must be ${expected}`)];
}

function valueAt(path: Path, config: unknown): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], config);
}

/** What may stand at a path: several where there is a choice, which a `kind` narrows. */
function shapesAt(path: Path, { whole, config }: Told): Shape[] {
  let value = config;
  let shapes = branchesOf(whole, value);
  for (const key of path) {
    value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
    shapes = shapes.flatMap((shape) => {
      const { properties = {}, additionalProperties, items } = shape;
      const inner =
        typeof key === "number"
          ? items
          : Object.hasOwn(properties, key)
            ? properties[String(key)]
            : additionalProperties;
      return typeof inner === "object" ? branchesOf(inner, value) : [];
    });
  }
  // A choice of kinds comes as one list of them.
  return shapes.filter(
    (shape, index) => !shapes.slice(0, index).some((other) => describeShape(other) === describeShape(shape)),
  );
}

function branchesOf(shape: Shape, value: unknown): Shape[] {
  const branches = shape.anyOf ?? shape.oneOf;
  if (!branches) return [shape];
  const all = branches.flatMap((branch) => branchesOf(branch, value));
  const kind = (value as { kind?: unknown } | null | undefined)?.kind;
  const ofKind = all.filter(({ properties }) => properties?.kind?.const === kind);
  return kind !== undefined && ofKind.length > 0 ? ofKind : all;
}

function describeShape(shape: Shape): string {
  const { type, properties, required = [], items, minimum, maximum, minItems } = shape;
  if (shape.const !== undefined) return JSON.stringify(shape.const);
  if (shape.enum) return shape.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (shape.anyOf ?? shape.oneOf) return branchesOf(shape, undefined).map(describeShape).join(" or ");
  switch (type) {
    case "integer":
      return `a whole number from ${minimum} to ${maximum}`;
    case "boolean":
      return "true or false";
    case "string":
      return 'a text, as in "…"';
    case "array":
      return `a list${minItems ? ` of at least ${minItems}` : ""}, as in [${items ? describeShape(items) : "…"}, …]`;
    case "object": {
      const keys = required.length > 0 ? required : Object.keys(properties ?? {}).slice(0, 3);
      return `a block, as in { ${keys.map((key) => `${key}: …`).join(", ")} }`;
    }
    default:
      return type === "null" ? "null" : "something else";
  }
}
