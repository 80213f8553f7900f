import { z } from "zod";
import { json } from "./http/answer";
import { readJson } from "./http/json-body";
import type { ServiceScopes } from "./names";
import type { ServiceDefinition } from "./service";
import type { AccessToken, IsMember, VerifyToken } from "./tokens/access-token";
import { invalidToken } from "./tokens/bearer";

const stockSchema = z.strictObject({
  item: z.string().trim().min(1).max(100),
  quantity: z.number().int().min(0).max(1_000_000),
});

export interface StockOptions {
  verify: VerifyToken;
  scopes: ServiceScopes;
  /** Asked for each request while `setMembershipCheck` says so. */
  isMember: IsMember;
}

export interface StockService extends ServiceDefinition {
  /** Whether each request is held against what the issuer says now, and not only against its token. Off at first. */
  setMembershipCheck(on: boolean): void;
}

/** What organizations have in store. A token that is in no organization's name opens nothing here. */
export function stockService({ verify, scopes, isMember }: StockOptions): StockService {
  let checksMembership = false;
  const organizations = new Map<string, Map<string, number>>();
  const inventoryOf = (token: AccessToken) => organizations.get(token.organization ?? "") ?? new Map<string, number>();

  return {
    verify: async (text) => {
      const token = await verify(text);
      if (token.organization === null) throw invalidToken("The token is in the name of no organization.");
      if (checksMembership && !(await isMember(token, token.organization))) {
        throw invalidToken("The person no longer belongs to the organization.");
      }
      return token;
    },
    routes: [
      {
        method: "GET",
        path: "/inventory",
        scope: scopes.read,
        handle: ({ token }) =>
          json(200, {
            organization: token.organization,
            items: [...inventoryOf(token)].map(([item, quantity]) => ({ item, quantity })),
          }),
      },
      {
        method: "POST",
        path: "/inventory",
        scope: scopes.write,
        handle: async ({ token, body }) => {
          const stock = await readJson(body, stockSchema);
          organizations.set(token.organization ?? "", inventoryOf(token).set(stock.item, stock.quantity));
          return json(201, stock);
        },
      },
    ],
    setMembershipCheck: (on) => {
      checksMembership = on;
    },
    forget: () => {
      checksMembership = false;
      organizations.clear();
    },
  };
}
