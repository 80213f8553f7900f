import { z } from "zod";
import { json } from "./http/answer";
import { readJson } from "./http/json-body";
import type { ServiceDefinition } from "./service";
import type { AccessToken, IsMember, VerifyToken } from "./tokens/access-token";
import { invalidToken } from "./tokens/bearer";

export const storeAudience = "https://store.example/api";

const stockSchema = z.strictObject({
  item: z.string().trim().min(1).max(100),
  quantity: z.number().int().min(0).max(1_000_000),
});

export interface StoreOptions {
  verify: VerifyToken;
  /** Asked where `checksMembership` says so. */
  isMember: IsMember;
  checksMembership(): boolean;
}

/** What organizations have in store. A token that is in no organization's name opens nothing here. */
export function storeService({ verify, isMember, checksMembership }: StoreOptions): ServiceDefinition {
  const organizations = new Map<string, Map<string, number>>();
  const inventoryOf = (token: AccessToken) => organizations.get(token.organization ?? "") ?? new Map<string, number>();

  return {
    verify: async (text) => {
      const token = await verify(text);
      if (token.organization === null) throw invalidToken("The token is in the name of no organization.");
      if (checksMembership() && !(await isMember(token, token.organization))) {
        throw invalidToken("The person no longer belongs to the organization.");
      }
      return token;
    },
    routes: [
      {
        method: "GET",
        path: "/inventory",
        scope: "store:read",
        handle: ({ token }) =>
          json(200, {
            organization: token.organization,
            items: [...inventoryOf(token)].map(([item, quantity]) => ({ item, quantity })),
          }),
      },
      {
        method: "POST",
        path: "/inventory",
        scope: "store:write",
        handle: async ({ token, body }) => {
          const stock = await readJson(body, stockSchema);
          organizations.set(token.organization ?? "", inventoryOf(token).set(stock.item, stock.quantity));
          return json(201, stock);
        },
      },
    ],
    forget: () => organizations.clear(),
  };
}
