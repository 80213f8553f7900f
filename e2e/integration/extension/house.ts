import { type House, openHouse } from "../house";
import { buildExtended } from "./build";

/** A house whose apps are the extended build. */
export async function openExtendedHouse(env: Record<string, string> = {}): Promise<House> {
  return openHouse({ env, directory: (await buildExtended()).folder });
}
