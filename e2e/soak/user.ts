import { setTimeout as sleep } from "node:timers/promises";
import { haunt, read, reads } from "./actions";
import type { Device } from "./device";
import { logOutByProvider, signOut } from "./sign-outs";

// What there is to do with a session, each with its weight in the choice.
const doings = { read: 120, ghost: 6, again: 1, device: 4, everywhere: 1, sid: 2, sub: 1 };

/** Does one thing after another in a browser, as the seed says, until the run is over. */
export async function use(device: Device): Promise<void> {
  const { world, random } = device;
  while (Date.now() < world.until) {
    await sleep(random.between(20, 200));
    await doNext(device);
  }
}

async function doNext(device: Device): Promise<void> {
  const { world, random, life, isWithoutTokens } = device;
  if (!life || (isWithoutTokens && random.next() < 0.3)) {
    if (!(await device.signIn())) await sleep(random.between(100, 600));
    return;
  }
  const doing = random.weighted(doings);
  switch (doing) {
    case "read":
      return read(device, random.weighted(reads));
    case "ghost":
      if (world.ghosts.length > 0) await haunt(world, random.pick(world.ghosts));
      return;
    case "again":
      await device.signIn();
      return;
    case "device":
    case "everywhere":
      await signOut(device, doing);
      return;
    case "sid":
    case "sub":
      await logOutByProvider(device, doing);
  }
}
