import type { ServiceNames } from "@/dev/resource-servers/names";
import type { RunningServices } from "@/dev/resource-servers/start";

/** The services that the tests' configuration names. */
export const testServices = {
  orders: {
    id: "shopping",
    audience: "https://shopping.example/api",
    scopes: { read: "shopping:read", write: "shopping:write" },
  },
  stock: {
    id: "store",
    audience: "https://store.example/api",
    scopes: { read: "store:read", write: "store:write" },
  },
  notes: { id: "notes", scopes: { read: "notes:read", write: "notes:write" } },
} as const satisfies ServiceNames;

export type TestServices = RunningServices<typeof testServices>;
