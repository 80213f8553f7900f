import { setTimeout as sleep } from "node:timers/promises";
import { hashSessionId } from "../../server/audit/audit";
import { clientId } from "../support/start-app";
import { haunt } from "./actions";
import type { Device } from "./device";
import { type Ending, hadFault } from "./history";
import { record } from "./recorder";
import { pickInstance } from "./world";

const mostGhosts = 60;

/** Ends the device's session by the form of `/sign-out`, or all of the user's. Answers whether somebody said that it did. */
export async function signOut(device: Device, scope: "device" | "everywhere"): Promise<boolean> {
  const { life, world, account } = device;
  if (!life) return false;
  const shown = await device.ask("GET /sign-out", (browser) => browser.request(device.url("/sign-out")), {
    isGuarded: false,
  });
  const { page } = shown;
  if (!page || shown.status !== 200 || !page.body.includes(`data-scope="${scope}"`)) return false;
  const sessions = scope === "everywhere" ? "all" : [life.session];
  const ending: Ending = { by: scope, user: account.word, sessions, begin: Date.now(), end: null };
  world.history.endings.push(ending);
  const cookies = device.browser.clone();
  const sending = (browser: Device["browser"]) => browser.submit(page, `data-scope="${scope}"`);
  const answered = await device.ask(`POST sign-out, ${scope}`, sending, { isGuarded: false });
  if (answered.outcome !== "ok" || !isDone(device, answered.page?.location ?? null)) return false;
  ending.end = answered.end;
  device.life = null;
  await remember(device, life.session, cookies);
  return true;
}

/** Whether the way goes on to where a sign-out leads: to its own page, or to the provider's. One that asks again is none. */
function isDone({ world }: Device, location: string | null): boolean {
  if (location === null) return false;
  return location === `${world.app.url}/signed-out` || location.startsWith(world.app.issuers.company ?? "-");
}

/** Keeps the cookies of an ended session, and tries them at once. */
async function remember({ world, account }: Device, session: string, browser: Device["browser"]): Promise<void> {
  const ghost = { account, session, browser };
  world.ghosts.push(ghost);
  if (world.ghosts.length > mostGhosts) world.ghosts.shift();
  await haunt(world, ghost);
}

// As often as a provider would try; a database that restarts takes a few seconds.
const deliveries = 8;

/** Has the provider sign the user out: this session's own session there, or all of the user's. */
export async function logOutByProvider(device: Device, by: "sid" | "sub"): Promise<void> {
  const { life, world, account, random } = device;
  const { app, history } = world;
  if (!life) return;
  const providerSession = by === "sid" ? await findProviderSession(device, life.session) : null;
  if (by === "sid" && providerSession === null) return;
  const sessions = providerSession === null ? "all" : providerSession.sessions;
  const ending: Ending = { by: "back channel", user: account.word, sessions, begin: Date.now(), end: null };
  history.endings.push(ending);
  const cookies = device.browser.clone();
  const named = providerSession === null ? { sub: account.word } : { sub: account.word, sid: providerSession.sid };
  for (let tries = 0; tries < deliveries; tries += 1) {
    const { logoutToken } = await app.control.backchannelLogout("company", { clientId, ...named, deliver: false });
    const instance = pickInstance(random);
    const answered = await deliver(device, instance, logoutToken);
    if (answered.status !== 200) {
      await sleep(500);
      continue;
    }
    // By a subject, sessions of before the token's time are meant, by the provider's clock: only one that stood still says which.
    const isCertain = by === "sid" || !hadFault(history.faults, ["clock"], { begin: 0, end: answered.end });
    if (!isCertain) return;
    ending.end = answered.end;
    await remember(device, life.session, cookies);
    return;
  }
}

function deliver({ world: { app, instances, history }, account, browser }: Device, instance: number, token: string) {
  const asked = { user: account.word, session: null, instance, what: "POST back-channel logout" };
  const provider = browser.clone((url) => (url.origin === app.url ? (instances[instance]?.url ?? null) : null));
  return record(history, asked, () =>
    provider.fetch(`${app.url}/api/oidc/company/backchannel-logout`, { method: "POST", form: { logout_token: token } }),
  );
}

/** The provider's session behind one of ours, and all of ours that it is behind. */
async function findProviderSession({ world: { app, history } }: Device, session: string) {
  const rows = await app
    .rows<{ sid: string; token: string }>(
      `SELECT "providerSessionId" sid, "sessionToken" token FROM "Session" WHERE "providerSessionId" IS NOT NULL AND subject = $1`,
      [history.lives.find((life) => life.session === session)?.user],
    )
    .catch(() => []);
  const hashed = rows.map(({ sid, token }) => ({ sid, session: hashSessionId(token) }));
  const own = hashed.find((row) => row.session === session);
  if (!own) return null;
  return { sid: own.sid, sessions: hashed.filter(({ sid }) => sid === own.sid).map((row) => row.session) };
}
