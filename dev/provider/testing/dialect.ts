import * as client from "openid-client";
import type { Dialect } from "../dialect";
import { beginFlow } from "./relying-party";
import type { World } from "./world";

/** The API resources of the demo. */
export const shopping = "https://shopping.example/api";
export const store = "https://store.example/api";

export type Parameters = Record<string, string> | [string, string][];

/**
 * Signs a demo person in under a dialect. `refresh` always takes the newest refresh token, so it fails when a refused
 * refresh before it has used that up.
 */
export async function signInUnder(
  world: World,
  dialect: Dialect,
  sub: string,
  parameters: Parameters,
  tokenParameters?: Record<string, string>,
) {
  await world.control.setDialect("company", dialect);
  const flow = await beginFlow(world.shopAtCompany, world.callback, parameters);
  const page = await flow.browser.open(flow.start, { stopBefore: world.callback });
  const visit = await flow.browser.submit(page, `data-person="${sub}"`, {}, { stopBefore: world.callback });
  const tokens = await flow.finish(visit.url, tokenParameters);
  let refreshToken = tokens.refresh_token ?? "";
  return {
    tokens,
    async refresh(asked?: Record<string, string> | URLSearchParams) {
      const answer = await client.refreshTokenGrant(world.shopAtCompany, refreshToken, asked);
      refreshToken = answer.refresh_token ?? refreshToken;
      return answer;
    },
  };
}
