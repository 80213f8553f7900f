import type { BrowserContext, BrowserContextOptions, Page } from "@playwright/test";
import type { Endpoint, Fault } from "../dev/identity-provider/control-client";
import type { House, ProviderId } from "./fixtures/house";
import { chooseProvider, leave, signInOn, waitForScripts } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";

const providers = [
  { provider: "company", name: "Company", person: "minsu", called: "이민수" },
  { provider: "partner", name: "Partner", person: "seoyeon", called: "최서연" },
] as const;

const reasons = { provider: "Your provider signed you out", house: "This session was ended" } as const;

const here = /^Ended\s*Your session on this device$/;
const elsewhere = /^Not ended\s*Your sessions on other devices$/;

/**
 * Every choice of the sign-out page, made in one browser of three. The second stands beside it: another session here, of
 * the same session at the provider. The third shares nothing with them but the person.
 */
const choices = [
  {
    scope: "device",
    said: (name: string) => [
      here,
      new RegExp(`^Not ended\\s*Your session at ${name}: you did not ask for it`),
      elsewhere,
    ],
    endsAtProvider: false,
    beside: null,
    third: null,
    revoked: ["first"],
  },
  {
    scope: "provider",
    said: (name: string) => [here, new RegExp(`^Ended\\s*Your session at ${name}$`), elsewhere],
    endsAtProvider: true,
    beside: reasons.provider,
    third: null,
    // That of the second was given for offline access: the provider's logout erases it here, and leaves it there.
    revoked: ["first"],
  },
  {
    scope: "everywhere",
    said: (name: string) => [
      /^Ended\s*3 sessions, on all your devices$/,
      new RegExp(`^Ended\\s*Your session at ${name}$`),
      /^Not ended\s*Your providers' own sessions on other devices: they may let you back in there without a password\.$/,
    ],
    endsAtProvider: true,
    beside: reasons.house,
    third: reasons.house,
    revoked: ["first", "beside", "third"],
  },
] as const;

for (const { provider, name, person, called } of providers) {
  test.describe(`at ${name}`, () => {
    test.beforeEach(({ house }) => house.rows(`DELETE FROM "Session" WHERE subject = $1`, [person]));

    for (const choice of choices) {
      test(`“${choice.scope}” ends what it says, and nothing else`, async ({ page, context, house, newDevice }) => {
        const look = () => newestSignIn(house, provider, person);
        await signInOn(page, person, { provider });
        const first = await look();
        const windowBeside = await openBeside(context, newDevice, provider);
        const beside = await look();
        const otherDevice = await newDevice();
        await signInOn(otherDevice, person, { provider });
        const third = await look();
        expect([beside.sid === first.sid, third.sid === first.sid]).toEqual([true, false]);

        await leave(page, choice.scope);
        await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are signed out");
        await expect(page.getByRole("main").getByRole("listitem")).toHaveText(choice.said(name));

        expect(await liveSids(house, provider, [first.sid, third.sid])).toEqual(
          choice.endsAtProvider ? [third.sid] : [first.sid, third.sid],
        );
        expect(await sidsTold(house, provider, [first.sid, third.sid])).toEqual(
          choice.endsAtProvider ? [first.sid] : [],
        );
        const tokens = { first, beside, third };
        expect(await revokedOf(house, provider, Object.values(tokens))).toEqual(
          choice.revoked.map((which) => tokens[which].refreshToken),
        );
        await expectStanding(windowBeside, choice.beside, called);
        await expectStanding(otherDevice, choice.third, called);

        await page.goto("/account");
        await expect(page).toHaveURL(/\/sign-in\?returnTo=%2Faccount$/);
        await chooseProvider(page, provider);
        if (choice.endsAtProvider) await expect(page.locator(`form[data-person="${person}"]`)).toBeVisible();
        else await expect(page.getByRole("main")).toContainText(called);
      });
    }

    test("a sign-out on its own page, told by the back channel, puts an open tab out without a click", async ({
      page,
      context,
      house,
      newDevice,
      unregister,
    }) => {
      await unregister(provider, "frontchannelLogoutUri");
      await context.clock.install();
      await signInOn(page, person, { provider });
      await waitForScripts(page);
      const otherDevice = await newDevice();
      await signInOn(otherDevice, person, { provider });
      await signOutAtProvider(await context.newPage(), house, provider);

      // The tab asks once a minute.
      await page.clock.fastForward(66_000);
      await expect(page).toHaveURL(/\/sign-in\?returnTo=%2Faccount$/);
      await expect(page.getByRole("main").getByRole("alert")).toContainText(reasons.provider);
      expect(await page.content()).not.toContain(called);
      await expectStanding(otherDevice, null, called);
    });

    test("a sign-out on its own page, told by the front channel alone, holds at the next click", async ({
      page,
      context,
      house,
      newDevice,
      unregister,
    }) => {
      await unregister(provider, "backchannelLogoutUri");
      await signInOn(page, person, { provider });
      const windowBeside = await openBeside(context, newDevice, provider);
      const otherDevice = await newDevice();
      await signInOn(otherDevice, person, { provider });
      await signOutAtProvider(await context.newPage(), house, provider);

      await page.getByRole("link", { name: "Sessions" }).click();
      await expect(page).toHaveURL(/\/sign-in\?returnTo=%2Faccount%2Fsessions/);
      await expect(page.getByRole("main").getByRole("alert")).toContainText(reasons.provider);
      await expectStanding(windowBeside, reasons.provider, called);
      await expectStanding(otherDevice, null, called);
    });
  });
}

const notEnded = (text: string) => new RegExp(`^Not ended\\s*Your session at Company: ${text}`);

for (const { trouble, endpoint, fault, says } of [
  {
    trouble: "takes too long to say where it signs people out",
    endpoint: "discovery",
    fault: () => ({ kind: "delay", delayMs: 3500 }),
    says: notEnded("it could not be reached\\."),
  },
  {
    trouble: "has no sign-out any more",
    endpoint: "discovery",
    fault: () => ({ kind: "json", set: {}, remove: ["end_session_endpoint"] }),
    says: notEnded("it has no sign-out of its own\\."),
  },
  {
    trouble: "sends people back without a word of having done it",
    endpoint: "end_session",
    fault: ({ url }) => ({ kind: "respond", status: 303, headers: { location: `${url}/signed-out` } }),
    says: /^Not certain\s*Your session at Company: we asked, but it has not confirmed\./,
  },
] satisfies { trouble: string; endpoint: Endpoint; fault(house: House): Fault; says: RegExp }[]) {
  test(`a provider that ${trouble} is not said to have signed anybody out`, async ({ page, house, signIn }) => {
    await signIn("minsu");
    const { sid } = await newestSignIn(house, "company", "minsu");
    await page.goto("/sign-out");
    await house.control.addFault("company", { endpoint, times: null, fault: fault(house) });
    await page.locator('form[data-scope="provider"] button').click();
    await page.waitForURL("**/signed-out");
    await expect(page.getByRole("main").getByRole("listitem")).toHaveText([here, says, elsewhere]);
    expect(await liveSids(house, "company", [sid])).toEqual([sid]);
    await page.goto("/account");
    await expect(page).toHaveURL(/\/sign-in\?/);
  });
}

test("a provider that could not be told to forget a refresh token is said to keep it", async ({
  page,
  house,
  signIn,
}) => {
  await house.rows(`DELETE FROM "Session" WHERE subject = 'minsu'`);
  await signIn("minsu");
  const fault = { kind: "respond", status: 503 } as const;
  await house.control.addFault("company", { endpoint: "revocation", times: null, fault });
  await leave(page, "provider");
  await expect(page.getByRole("main").getByRole("listitem")).toHaveText([
    here,
    /^Ended\s*Your session at Company$/,
    /^Not certain\s*Access that Company had granted us: we erased ours/,
    elsewhere,
  ]);
  expect(
    await house.rows(
      `SELECT g."sealedRefreshToken" FROM "Grant" g JOIN "Session" s ON s.id = g."sessionId" WHERE s.subject = 'minsu'`,
    ),
  ).toEqual([{ sealedRefreshToken: null }]);
});

/** The provider's name for the session of the newest sign-in, and the refresh token that came with it. */
async function newestSignIn(house: House, provider: ProviderId, subject: string) {
  const [{ sid } = { sid: "" }] = await house.rows<{ sid: string }>(
    `SELECT "providerSessionId" AS sid FROM "Session" WHERE subject = $1 ORDER BY "createdAt" DESC LIMIT 1`,
    [subject],
  );
  const issued = await house.control.issued(provider);
  return { sid, refreshToken: issued.findLast(({ kind }) => kind === "token_response")?.refreshToken ?? "" };
}

/** Another browser window of whoever is signed in at the provider: a session of its own here, the same one there. */
async function openBeside(
  context: BrowserContext,
  newDevice: (options: BrowserContextOptions) => Promise<Page>,
  provider: ProviderId,
): Promise<Page> {
  const beside = await newDevice({ storageState: await context.storageState() });
  await beside.context().clearCookies({ name: "daemun.session" });
  await beside.goto("/account");
  await chooseProvider(beside, provider);
  await beside.waitForURL("**/account");
  return beside;
}

/** Which of these sessions are alive at the provider. */
async function liveSids(house: House, provider: ProviderId, sids: string[]): Promise<string[]> {
  const live = (await house.control.sessions(provider)).map(({ clients }) => clients.daemun);
  return sids.filter((sid) => live.includes(sid));
}

/** Of which of these sessions the provider has sent us a logout token. */
async function sidsTold(house: House, provider: ProviderId, sids: string[]): Promise<string[]> {
  const told = (await house.control.issued(provider)).flatMap(({ logoutToken }) =>
    logoutToken ? [JSON.parse(Buffer.from(logoutToken.split(".")[1] ?? "", "base64url").toString()).sid] : [],
  );
  return sids.filter((sid) => told.includes(sid));
}

async function revokedOf(house: House, provider: ProviderId, signIns: { refreshToken: string }[]): Promise<string[]> {
  const revoked = (await house.control.journal(provider, { endpoint: "revocation" })).map(({ form }) => form.token);
  return signIns.map(({ refreshToken }) => refreshToken).filter((token) => revoked.includes(token));
}

/** Expects the next navigation to show the account, or to say why it does not. */
async function expectStanding(page: Page, reason: string | null, called: string): Promise<void> {
  await page.reload();
  if (reason === null) {
    await expect(page).toHaveURL(/\/account$/);
    await expect(page.getByRole("main")).toContainText(called);
    return;
  }
  await expect(page).toHaveURL(/\/sign-in\?returnTo=%2Faccount&/);
  await expect(page.getByRole("main").getByRole("alert")).toContainText(reason);
}

/** Signs out at the provider, without coming from here. */
async function signOutAtProvider(page: Page, house: House, provider: ProviderId): Promise<void> {
  await page.goto(`${house.issuers[provider]}/session/end`);
  await page.locator('form[data-form="sign-out"] button[value="yes"]').click();
  await page.waitForURL("**/session/end/success**");
  await page.close();
}
