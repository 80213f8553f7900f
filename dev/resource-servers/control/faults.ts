import { z } from "zod";

/** Everything that a service can be told to do wrong with a request. */
export const serviceFaultSchema = z.discriminatedUnion("kind", [
  /** Answers this instead. */
  z.strictObject({
    kind: z.literal("respond"),
    status: z.number().int().min(200).max(599),
    headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).default({}),
    body: z.string().default(""),
  }),
  /** Sends the caller elsewhere. */
  z.strictObject({
    kind: z.literal("redirect"),
    location: z.string(),
    status: z.union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)]).default(302),
  }),
  /** Says `invalid_token` whatever the token. */
  z.strictObject({ kind: z.literal("unauthorized") }),
  /** Takes no proof (RFC 9449) without this nonce. */
  z.strictObject({ kind: z.literal("nonce"), nonce: z.string() }),
  /** Waits before the request is looked at. */
  z.strictObject({ kind: z.literal("delay"), delayMs: z.number().int().min(0).max(600_000) }),
  /** Accepts and never answers. */
  z.strictObject({ kind: z.literal("hang") }),
  /** Sends the real answer's body `bytes` at a time, its head at once. */
  z.strictObject({
    kind: z.literal("drip"),
    everyMs: z.number().int().min(1).max(600_000),
    bytes: z.number().int().min(1).default(1),
  }),
  /** Resets the connection: at once and without doing anything, or after so many bytes of the real answer's body. */
  z.strictObject({ kind: z.literal("reset"), afterBytes: z.number().int().min(0).exactOptional() }),
]);
export type ServiceFault = z.infer<typeof serviceFaultSchema>;
export type FaultKind = ServiceFault["kind"];

const ruleSchema = z.strictObject({
  fault: serviceFaultSchema,
  /** How often it applies; null until cleared. */
  times: z.number().int().positive().nullable().default(1),
  /** Only for this path, without query; for every one when absent. */
  path: z.string().exactOptional(),
});
export type ServiceFaultInput = z.input<typeof ruleSchema>;
export type ServiceFaultRule = z.infer<typeof ruleSchema> & { id: number };

/** The faults of one service that still wait for their request. */
export class ServiceFaults {
  #rules: ServiceFaultRule[] = [];
  #lastId = 0;

  /** Throws a ZodError for what is no fault. */
  add(input: ServiceFaultInput): ServiceFaultRule {
    this.#lastId += 1;
    const rule = { id: this.#lastId, ...ruleSchema.parse(input) };
    this.#rules.push(rule);
    return structuredClone(rule);
  }

  list(): ServiceFaultRule[] {
    return structuredClone(this.#rules);
  }

  /** Takes back one, or all. */
  clear(id?: number): void {
    this.#rules = id === undefined ? [] : this.#rules.filter((rule) => rule.id !== id);
  }

  /**
   * The faults for one request, each counted as used. Different kinds add up (a delay and a slow answer); of one kind
   * the oldest is used, and the next waits for the next request.
   */
  take(path: string): ServiceFault[] {
    const taken = new Map<FaultKind, ServiceFault>();
    for (const rule of [...this.#rules]) {
      if ((rule.path ?? path) !== path || taken.has(rule.fault.kind)) continue;
      taken.set(rule.fault.kind, rule.fault);
      if (rule.times !== null) {
        rule.times -= 1;
        if (rule.times === 0) this.clear(rule.id);
      }
    }
    return [...taken.values()];
  }
}

/** The fault of one kind among those taken for a request. */
export function faultOf<K extends FaultKind>(
  faults: readonly ServiceFault[],
  kind: K,
): Extract<ServiceFault, { kind: K }> | undefined {
  return faults.find((fault): fault is Extract<ServiceFault, { kind: K }> => fault.kind === kind);
}
