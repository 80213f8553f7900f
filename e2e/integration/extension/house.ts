import { startApp } from "../../../dev/app";
import { type House, openHouse } from "../house";
import { buildExtended } from "./build";

/** A house whose app is the extended build, under the house's own address. */
export async function openExtendedHouse(env: Record<string, string> = {}): Promise<House> {
  const build = await buildExtended();
  try {
    const house = await openHouse({ env });
    // In the place of the house's own app, so that providers send people back to it.
    await house.app.stop();
    const port = Number(new URL(house.url).port);
    const app = await startApp({ env: house.environment, port, directory: build.folder });
    const close = async () => {
      await app.stop();
      await house.close();
      build.remove();
    };
    return { ...house, app, close };
  } catch (error) {
    build.remove();
    throw error;
  }
}
