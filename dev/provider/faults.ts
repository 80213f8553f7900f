import { z } from "zod";
import { type Endpoint, endpointSchema } from "./journal";
import { mutationSchema } from "./tokens/forge";

const headersSchema = z.record(z.string(), z.string());
const jsonObjectSchema = z.record(z.string(), z.unknown());

/** Everything an issuer can be told to do wrong. */
export const faultSchema = z.discriminatedUnion("kind", [
  /** Answers this instead of asking the provider. `bodyBase64` carries bytes that are no valid UTF-8. */
  z.strictObject({
    kind: z.literal("respond"),
    status: z.number().int().min(200).max(599),
    headers: headersSchema.default({}),
    body: z.string().exactOptional(),
    bodyBase64: z.base64().exactOptional(),
    json: z.unknown().optional(),
  }),
  /** Waits before the request is looked at. */
  z.strictObject({ kind: z.literal("delay"), delayMs: z.number().int().min(0).max(600_000) }),
  /** Resets the connection without processing the request. */
  z.strictObject({ kind: z.literal("reset") }),
  /** Processes the request for real, then resets the connection. */
  z.strictObject({ kind: z.literal("reset_after_commit") }),
  /** Accepts and never answers. */
  z.strictObject({ kind: z.literal("hang") }),
  /** Sends the real answer `bytes` at a time. */
  z.strictObject({
    kind: z.literal("drip"),
    everyMs: z.number().int().min(1).max(600_000),
    bytes: z.number().int().min(1).default(1),
  }),
  /** Sends the first bytes of the real answer under its full Content-Length, then resets the connection. */
  z.strictObject({ kind: z.literal("truncate"), bytes: z.number().int().min(0) }),
  /** Sends filler: `bytes` of it, or without end while the connection lives. */
  z.strictObject({
    kind: z.literal("flood"),
    bytes: z.number().int().positive().nullable(),
    contentType: z.string().default("application/json"),
  }),
  /** Sends a small gzip body that unpacks to `bytes`. */
  z.strictObject({
    kind: z.literal("gzip_bomb"),
    bytes: z.number().int().positive().max(2_000_000_000),
    contentType: z.string().default("application/json"),
  }),
  /** Edits a JSON answer: discovery metadata, a token response, a key set. */
  z.strictObject({
    kind: z.literal("json"),
    set: jsonObjectSchema.default({}),
    remove: z.array(z.string()).default([]),
  }),
  /** Changes the ID token of a token response. */
  z.strictObject({ kind: z.literal("id_token"), ...mutationSchema.shape }),
  /** Changes the access token of a token response when it is a JWT; userinfo's opaque one stays as it is. */
  z.strictObject({ kind: z.literal("access_token"), ...mutationSchema.shape }),
  /** Changes the logout tokens that the provider sends at sign-out. */
  z.strictObject({ kind: z.literal("logout_token"), ...mutationSchema.shape }),
  /** Changes userinfo's claims, and signs them as `application/jwt` when `jwt` is given. */
  z.strictObject({
    kind: z.literal("userinfo"),
    setClaims: jsonObjectSchema.default({}),
    removeClaims: z.array(z.string()).default([]),
    jwt: mutationSchema.exactOptional(),
  }),
  /** Edits the parameters with which the browser is sent back to the application. */
  z.strictObject({
    kind: z.literal("callback"),
    set: z.record(z.string(), z.string()).default({}),
    remove: z.array(z.string()).default([]),
  }),
]);
export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault["kind"];

export const faultRuleSchema = z.strictObject({
  /** `all` is every request that arrives; `backchannel` the logout tokens that leave. */
  endpoint: z.enum([...endpointSchema.options, "all", "backchannel"]),
  /** How often it applies; null until cleared. */
  times: z.number().int().positive().nullable().default(1),
  /** Only for token requests of this grant type. */
  grantType: z.string().exactOptional(),
  fault: faultSchema,
});
export type FaultRuleInput = z.input<typeof faultRuleSchema>;
export type FaultRule = z.infer<typeof faultRuleSchema> & { id: number };

/** The faults of one issuer that still wait for their request. */
export class FaultQueue {
  #rules: FaultRule[] = [];
  #lastId = 0;

  /** Throws a ZodError for what is no fault. */
  add(input: unknown): FaultRule {
    this.#lastId += 1;
    const rule = { id: this.#lastId, ...faultRuleSchema.parse(input) };
    this.#rules.push(rule);
    return structuredClone(rule);
  }

  list(): FaultRule[] {
    return structuredClone(this.#rules);
  }

  clear(): void {
    this.#rules = [];
  }

  remove(id: number): boolean {
    const before = this.#rules.length;
    this.#rules = this.#rules.filter((rule) => rule.id !== id);
    return this.#rules.length < before;
  }

  /**
   * The faults for one request, each counted as used. Different kinds add up (a delay and a changed ID token);
   * of one kind the oldest is used, and the next waits for the next request.
   */
  take(endpoint: Endpoint | "backchannel", grantType: string | undefined, kinds?: readonly FaultKind[]): Fault[] {
    const taken = new Map<FaultKind, Fault>();
    for (const rule of [...this.#rules]) {
      const fits =
        (rule.endpoint === endpoint || (rule.endpoint === "all" && endpoint !== "backchannel")) &&
        (rule.grantType === undefined || rule.grantType === grantType) &&
        (kinds ? kinds.includes(rule.fault.kind) : rule.fault.kind !== "callback");
      if (!fits || taken.has(rule.fault.kind)) continue;
      taken.set(rule.fault.kind, rule.fault);
      if (rule.times !== null) {
        rule.times -= 1;
        if (rule.times === 0) this.remove(rule.id);
      }
    }
    return [...taken.values()];
  }
}

/** The fault of one kind among those taken for a request. */
export function faultOf<K extends FaultKind>(
  faults: readonly Fault[],
  kind: K,
): Extract<Fault, { kind: K }> | undefined {
  return faults.find((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind);
}
