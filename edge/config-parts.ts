import { z } from "zod";

/** What several parts of `daemun.config.ts` are made of. */

export const pathPattern = z
  .string()
  .regex(/^\/(?:[\w.~-]+\/)*(?:[\w.~-]+|\*)?$/, "must be a path, or a path ending in /*");

/** The path of a page of this app. */
export const localPath = z.string().regex(/^\/(?:(?:[\w.~-]+\/)*[\w.~-]+)?$/, "must be a path of this app");

export const seconds = z
  .int()
  .min(5)
  .max(30 * 86_400);

// RFC 6749, section 3.3.
export const scopeToken = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, "must be a scope without spaces or quotes");

export const host = z.string().regex(/^[a-z0-9.-]+(?::\d+)?$/);
const role = z.string().min(1).max(100);
export const roles = z.array(role).min(1);

/** What people call something, by the language of the page. A language that is left out reads what stands for all. */
export const labelsSchema = z
  // Which languages there are, the server knows (server/settings/check-labels.ts).
  .record(z.string(), z.string().trim().min(1).max(100))
  .refine((labels) => Object.keys(labels).length > 0, "must have a language at least");

/** What people call scopes, by the scope. */
export const scopeLabelsSchema = z.record(scopeToken, labelsSchema);

/** When a session ends. */
export const deadlinesSchema = z.strictObject({
  /** Seconds without activity after which a session ends. */
  idleSeconds: seconds,
  /** Seconds after sign-in at which a session ends, however active. */
  absoluteSeconds: seconds,
});

// What this app says for itself, and what would say it in its place.
const ownParameter =
  /^(?:client_id|redirect_uri|response_type|response_mode|scope|state|nonce|code_challenge|code_challenge_method|request|request_uri)$/;
const parameterName = z
  .string()
  .regex(/^[a-z0-9_.-]{1,64}$/i, "must be a parameter's name")
  .refine((name) => !ownParameter.test(name), "is a parameter that the app sets itself");
export const parametersSchema = z.record(parameterName, z.string().max(500));

/** What revoking a refresh token takes away: that one alone, or all that the user has granted to this app. */
export const revocationSchema = z.enum(["token", "grant"]);
