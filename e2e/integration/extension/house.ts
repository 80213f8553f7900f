import { demoResources } from "../../../dev/identity-provider/permissions";
import { type House, openHouse } from "../house";
import { buildExtended } from "./build";

/** The API that docs/extending.md adds, and its scopes. */
export const reportsResource = "https://reports.example/api";
const resources = { ...demoResources, [reportsResource]: ["reports:read"] };

/** A house whose apps are the extended build. */
export async function openExtendedHouse(env: Record<string, string> = {}): Promise<House> {
  return openHouse({ env, resources, directory: (await buildExtended()).folder });
}
