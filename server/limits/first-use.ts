import "server-only";
import { countInDatabase } from "./postgres-counts";

/**
 * Whether `name` was not seen within a minute, by any instance. It is kept where the limits are, by the database's clock.
 *
 * @param name letters, digits, spaces and `.:/_-`, at most 200
 * @throws what the database throws: who cannot tell has to refuse
 */
export async function isFirstUse(name: string): Promise<boolean> {
  return (await countInDatabase(new Map([[name, 1]]))).get(name)?.count === 1;
}
