import { randomUUID } from "node:crypto";
import { z } from "zod";
import { json } from "./http/answer";
import { readJson } from "./http/json-body";
import type { ServiceScopes } from "./names";
import type { ServiceDefinition } from "./service";
import { userKey, type VerifyToken } from "./tokens/access-token";

const noteSchema = z.strictObject({ text: z.string().trim().min(1).max(2_000) });

interface Note extends z.infer<typeof noteSchema> {
  id: string;
  writtenAt: string;
}

/** Somebody's notes, at a third party with an authorization server of its own. */
export function notesService(verify: VerifyToken, { read, write }: ServiceScopes): ServiceDefinition {
  const users = new Map<string, Note[]>();
  return {
    verify,
    routes: [
      {
        method: "GET",
        path: "/notes",
        scope: read,
        handle: ({ token }) => json(200, { notes: users.get(userKey(token)) ?? [] }),
      },
      {
        method: "POST",
        path: "/notes",
        scope: write,
        handle: async ({ token, body }) => {
          const { text } = await readJson(body, noteSchema);
          const note: Note = { id: randomUUID(), text, writtenAt: new Date().toISOString() };
          users.set(userKey(token), [...(users.get(userKey(token)) ?? []), note]);
          return json(201, note);
        },
      },
    ],
    forget: () => users.clear(),
  };
}
