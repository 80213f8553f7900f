import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { HttpBrowser } from "../../support/http-browser";
import { forgetUsers, linkIdentity } from "../../support/linking";
import { meetProvider, shareTestApp, signedIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

// Addresses that change at two identities in the same moment, each signing in at another instance.

let app: TestApp;
let sibling: Awaited<ReturnType<TestApp["shareSibling"]>>;
beforeAll(async () => {
  app = await shareTestApp();
  sibling = await app.shareSibling();
}, 120_000);
beforeEach(() => forgetUsers(app));
afterAll(() => app?.close());

interface Identity {
  provider: "company" | "partner";
  sub: string;
}
const ours: Identity = { provider: "company", sub: "mover" };
const theirs: Identity = { provider: "partner", sub: "twin" };

const says = ({ provider, sub }: Identity, email: string) =>
  app.control.putUser(provider, { sub, login: sub, name: sub, email, emailVerified: true });

/** Brings the identities' callbacks to both instances at once, and answers their statuses. */
async function signInTogether(identities: readonly Identity[]): Promise<number[]> {
  const ready = [];
  for (const [at, { provider, sub }] of identities.entries()) {
    const base = at % 2 === 0 ? app.url : sibling.url;
    const browser = new HttpBrowser(({ origin }) => (origin === app.url ? base : null));
    const back = await meetProvider(app, browser, await startSignIn(app, browser, { provider }), sub);
    ready.push(() => browser.request(back.location ?? ""));
  }
  return (await Promise.all(ready.map((finish) => finish()))).map(({ status }) => status);
}

const addressOf = async ({ provider, sub }: Identity) => {
  const rows = await app.rows<{ email: string | null; verified: boolean }>(
    `SELECT u.email, u."emailVerified" IS NOT NULL AS verified FROM "User" u JOIN "Account" a ON a."userId" = u.id
     WHERE a.provider = $1 AND a."providerAccountId" = $2`,
    [provider, sub],
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]?.verified).toBe(rows[0]?.email !== null);
  return rows[0]?.email;
};

it("a user whose two identities change theirs has one of the new ones, and never the former", async () => {
  await says(ours, "first@company.example");
  await says(theirs, "first@partner.example");
  const browser = await signedIn(app, { user: ours.sub });
  expect((await linkIdentity(app, browser, { user: theirs.sub })).status).toBe(303);
  for (let round = 1; round <= 8; round += 1) {
    const now = [`${round}@company.example`, `${round}@partner.example`] as const;
    await says(ours, now[0]);
    await says(theirs, now[1]);
    expect(await signInTogether(round % 2 === 0 ? [ours, theirs] : [theirs, ours])).toEqual([303, 303]);
    expect(now, `round ${round}`).toContain(await addressOf(ours));
    expect(await app.rows(`SELECT 1 FROM "User"`)).toHaveLength(1);
    const kept = await app.rows<{ email: string }>(`SELECT email FROM "Account" ORDER BY provider`);
    expect(kept.map(({ email }) => email)).toEqual(now);
  }
});

it("a user of whom one identity takes over the address that the other gives up keeps it", async () => {
  await says(ours, "shared@company.example");
  await says(theirs, "first@partner.example");
  const browser = await signedIn(app, { user: ours.sub });
  expect((await linkIdentity(app, browser, { user: theirs.sub })).status).toBe(303);
  for (let round = 1; round <= 6; round += 1) {
    const [giving, taking] = round % 2 === 1 ? [ours, theirs] : [theirs, ours];
    const address = await addressOf(ours);
    const next = `${round}@company.example`;
    await says(giving, next);
    await says(taking, address ?? "");
    expect(await signInTogether([giving, taking])).toEqual([303, 303]);
    // Whoever came first: both addresses are vouched for now.
    expect([address, next], `round ${round}`).toContain(await addressOf(ours));
    // So that the next round begins with one that the giving identity alone vouches for.
    await says(giving, `${round}-apart@company.example`);
    await says(taking, `${round}-kept@partner.example`);
    for (const { provider, sub } of [giving, taking]) await signedInAt(provider, sub);
  }
});

async function signedInAt(provider: string, sub: string): Promise<void> {
  await signedIn(app, { provider, user: sub });
}

it("two users who come with one address have both signed in, and one of them has it", async () => {
  await says(ours, "one@company.example");
  await says(theirs, "two@partner.example");
  await signedInAt(ours.provider, ours.sub);
  await signedInAt(theirs.provider, theirs.sub);
  for (let round = 1; round <= 6; round += 1) {
    const address = `wanted-${round}@company.example`;
    await says(ours, address);
    await says(theirs, address);
    expect(await signInTogether(round % 2 === 0 ? [ours, theirs] : [theirs, ours])).toEqual([303, 303]);
    const found = [await addressOf(ours), await addressOf(theirs)];
    expect(
      found.filter((one) => one === address),
      `round ${round}`,
    ).toHaveLength(1);
    expect(found.filter((one) => one === null)).toHaveLength(1);
  }
});

it("two users who change addresses with each other have none of the other's, and their own at the next sign-in", async () => {
  const pair = ["left@company.example", "right@company.example"] as const;
  await says(ours, pair[0]);
  await says(theirs, pair[1]);
  await signedInAt(ours.provider, ours.sub);
  await signedInAt(theirs.provider, theirs.sub);
  for (let round = 1; round <= 6; round += 1) {
    const [mine, yours] = round % 2 === 1 ? [pair[1], pair[0]] : pair;
    await says(ours, mine);
    await says(theirs, yours);
    expect(await signInTogether([ours, theirs])).toEqual([303, 303]);
    expect([mine, null], `round ${round}`).toContain(await addressOf(ours));
    expect([yours, null]).toContain(await addressOf(theirs));
    for (const { provider, sub } of [ours, theirs, ours]) await signedInAt(provider, sub);
    expect([await addressOf(ours), await addressOf(theirs)]).toEqual([mine, yours]);
  }
  expect(await whoIs(app, await signedIn(app, { user: ours.sub }))).toMatchObject({ sub: ours.sub });
});
