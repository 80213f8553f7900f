import { z } from "zod";
import { clientRegistrationSchema } from "../client-registration";
import { dialectSchema as dialectName } from "../dialect";
import { habitsSchema as habitsName } from "../habits/habits";
import { endpointSchema } from "../journal";
import { mutationSchema, signerSchema } from "../tokens/forge";
import { userSchema } from "../user";

/** What the control API accepts: one schema a request. The client's types are inferred from these. */

export const sinceSchema = z.strictObject({ since: z.coerce.number().int().min(0).default(0) });

export const journalQuerySchema = sinceSchema.extend({ endpoint: endpointSchema.exactOptional() });

export const rotateKeysSchema = z.strictObject({ keepOld: z.boolean().default(true) });

export const revokeGrantsSchema = z.strictObject({
  sub: z.string().exactOptional(),
  clientId: z.string().exactOptional(),
});

export const endSessionsSchema = z.strictObject({
  sub: z.string().exactOptional(),
  uid: z.string().exactOptional(),
});

export const backchannelLogoutSchema = z
  .strictObject({
    clientId: z.string(),
    sub: z.string().exactOptional(),
    sid: z.string().exactOptional(),
    mutate: mutationSchema.exactOptional(),
    /** False only makes the token. */
    deliver: z.boolean().default(true),
  })
  .refine(({ sub, sid, mutate }) => sub !== undefined || sid !== undefined || mutate !== undefined, {
    message: "Name a sub or a sid (or leave both out on purpose, with mutate: {}).",
  });

export const signSchema = z.strictObject({
  claims: z.record(z.string(), z.unknown()),
  header: z.record(z.string(), z.unknown()).default({}),
  signWith: signerSchema.default("issuer"),
  clientId: z.string().exactOptional(),
});

export const clockSchema = z.strictObject({ offsetSeconds: z.number().int().min(-1e9).max(1e9) });

export const tokenLifetimeSchema = z.strictObject({ accessTokenSeconds: z.number().int().positive() });

export const dialectSchema = z.strictObject({ dialect: dialectName });

export const habitsSchema = z.strictObject({ habits: habitsName.nullable() });

export const userPutSchema = userSchema.omit({ sub: true });

/** Any field of a person; null empties it. The result is checked as a whole person. */
export const userChangeSchema = z.record(z.string(), z.unknown());

export const clientPutSchema = clientRegistrationSchema.omit({ clientId: true });
