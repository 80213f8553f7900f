import type { BrowserContext, BrowserContextOptions, Page } from "@playwright/test";
import type { Endpoint, Fault } from "../dev/provider/control-client";
import { chooseProvider, signInOn, signOut, waitForScripts } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import type { ProviderId, TestApp } from "./fixtures/test-app";
import { english, signedOutItem } from "./fixtures/texts";

const providers = [
  { provider: "company", name: "Company", user: "minsu", called: "이민수" },
  { provider: "partner", name: "Partner", user: "seoyeon", called: "최서연" },
] as const;

const reasons = {
  provider: english("errors.signed_out_by_provider.title"),
  app: english("errors.session_revoked.title"),
} as const;

const here = signedOutItem("ended", "device");
const elsewhere = signedOutItem("notEnded", "otherDevices");

/**
 * Every choice of the sign-out page, made in one browser of three. The second stands beside it: another session here, of
 * the same session at the provider. The third shares nothing with them but the person.
 */
const choices = [
  {
    scope: "device",
    said: (name: string) => [here, signedOutItem("notEnded", "providerNotAsked", { provider: name }), elsewhere],
    endsAtProvider: false,
    beside: null,
    third: null,
    // At the provider that would take the other device's along.
    revoked: [],
  },
  {
    scope: "provider",
    said: (name: string) => [here, signedOutItem("ended", "providerEnded", { provider: name }), elsewhere],
    endsAtProvider: true,
    beside: reasons.provider,
    third: null,
    revoked: [],
  },
  {
    scope: "everywhere",
    said: (name: string) => [
      signedOutItem("ended", "others", { count: 3 }),
      signedOutItem("ended", "providerEnded", { provider: name }),
      signedOutItem("notEnded", "providersElsewhere"),
    ],
    endsAtProvider: true,
    beside: reasons.app,
    third: reasons.app,
    revoked: ["first", "beside", "third"],
  },
] as const;

for (const { provider, name, user, called } of providers) {
  test.describe(`at ${name}`, () => {
    test.beforeEach(({ app }) => app.rows(`DELETE FROM "Session" WHERE subject = $1`, [user]));

    for (const choice of choices) {
      test(`“${choice.scope}” ends what it says, and nothing else`, async ({ page, context, app, newDevice }) => {
        const look = () => newestSignIn(app, provider, user);
        await signInOn(page, user, { provider });
        const first = await look();
        const windowBeside = await openBeside(context, newDevice, provider);
        const beside = await look();
        const otherDevice = await newDevice();
        await signInOn(otherDevice, user, { provider });
        const third = await look();
        expect([beside.sid === first.sid, third.sid === first.sid]).toEqual([true, false]);

        await signOut(page, choice.scope);
        await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are signed out");
        await expect(page.locator("main li")).toHaveText(choice.said(name));

        expect(await liveSids(app, provider, [first.sid, third.sid])).toEqual(
          choice.endsAtProvider ? [third.sid] : [first.sid, third.sid],
        );
        expect(await sidsTold(app, provider, [first.sid, third.sid])).toEqual(choice.endsAtProvider ? [first.sid] : []);
        const tokens = { first, beside, third };
        await expect
          .poll(() => revokedOf(app, provider, Object.values(tokens)))
          .toEqual(choice.revoked.map((which) => tokens[which].refreshToken));
        await expectStanding(windowBeside, choice.beside, called);
        await expectStanding(otherDevice, choice.third, called);

        await page.goto("/account");
        await expect(page).toHaveURL(/\/sign-in\?returnTo=%2Faccount$/);
        await chooseProvider(page, provider);
        if (choice.endsAtProvider) await expect(page.locator(`form[data-person="${user}"]`)).toBeVisible();
        else await expect(page.getByRole("main")).toContainText(called);
      });
    }

    test("a sign-out on its own page, told by the back channel, puts an open tab out without a click", async ({
      page,
      context,
      app,
      newDevice,
      unregister,
    }) => {
      await unregister(provider, "frontchannelLogoutUri");
      await context.clock.install();
      await signInOn(page, user, { provider });
      await waitForScripts(page);
      const otherDevice = await newDevice();
      await signInOn(otherDevice, user, { provider });
      await signOutAtProvider(await context.newPage(), app, provider);

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
      app,
      newDevice,
      unregister,
    }) => {
      await unregister(provider, "backchannelLogoutUri");
      await signInOn(page, user, { provider });
      const windowBeside = await openBeside(context, newDevice, provider);
      const otherDevice = await newDevice();
      await signInOn(otherDevice, user, { provider });
      await signOutAtProvider(await context.newPage(), app, provider);

      await page.getByRole("link", { name: "Sessions", exact: true }).click();
      await expect(page).toHaveURL(/\/sign-in\?returnTo=%2Faccount%2Fsessions/);
      await expect(page.getByRole("main").getByRole("alert")).toContainText(reasons.provider);
      await expectStanding(windowBeside, reasons.provider, called);
      await expectStanding(otherDevice, null, called);
    });
  });
}

const company = { provider: "Company" };

for (const { trouble, endpoint, fault, says } of [
  {
    trouble: "takes too long to say where it signs people out",
    endpoint: "discovery",
    fault: () => ({ kind: "delay", delayMs: 3500 }),
    says: signedOutItem("notEnded", "providerUnreachable", company),
  },
  {
    trouble: "has no sign-out any more",
    endpoint: "discovery",
    fault: () => ({ kind: "json", set: {}, remove: ["end_session_endpoint"] }),
    says: signedOutItem("notEnded", "providerUnsupported", company),
  },
  {
    trouble: "sends people back without a word of having done it",
    endpoint: "end_session",
    fault: ({ url }) => ({ kind: "respond", status: 303, headers: { location: `${url}/signed-out` } }),
    says: signedOutItem("unsure", "providerUnconfirmed", company),
  },
] satisfies { trouble: string; endpoint: Endpoint; fault(app: TestApp): Fault; says: RegExp }[]) {
  test(`a provider that ${trouble} is not said to have signed anybody out`, async ({ page, app, signIn }) => {
    await signIn("minsu");
    const { sid } = await newestSignIn(app, "company", "minsu");
    await page.goto("/sign-out");
    await app.control.addFault("company", { endpoint, times: null, fault: fault(app) });
    await page.locator('form[data-scope="provider"] button').click();
    await page.waitForURL("**/signed-out");
    await expect(page.locator("main li")).toHaveText([here, says, elsewhere]);
    expect(await liveSids(app, "company", [sid])).toEqual([sid]);
    await page.goto("/account");
    await expect(page).toHaveURL(/\/sign-in\?/);
  });
}

test("a provider that could not be told to forget a refresh token is said to keep it", async ({
  page,
  app,
  signIn,
}) => {
  await app.rows(`DELETE FROM "Session" WHERE subject = 'minsu'`);
  await signIn("minsu");
  const fault = { kind: "respond", status: 503 } as const;
  await app.control.addFault("company", { endpoint: "revocation", times: null, fault });
  await signOut(page, "provider");
  await expect(page.locator("main li")).toHaveText([
    here,
    signedOutItem("ended", "providerEnded", company),
    signedOutItem("unsure", "tokensLeft", company),
    elsewhere,
  ]);
  expect(
    await app.rows(
      `SELECT g."sealedRefreshToken" FROM "Grant" g JOIN "Session" s ON s.id = g."sessionId" WHERE s.subject = 'minsu'`,
    ),
  ).toEqual([{ sealedRefreshToken: null }]);
});

/** The provider's name for the session of the newest sign-in, and the refresh token that came with it. */
async function newestSignIn(app: TestApp, provider: ProviderId, subject: string) {
  const [{ sid } = { sid: "" }] = await app.rows<{ sid: string }>(
    `SELECT "providerSessionId" AS sid FROM "Session" WHERE subject = $1 ORDER BY "createdAt" DESC LIMIT 1`,
    [subject],
  );
  const issued = await app.control.issued(provider);
  return { sid, refreshToken: issued.findLast(({ kind }) => kind === "token_response")?.refreshToken ?? "" };
}

/** Another browser window of whoever is signed in at the provider: a session of its own here, the same one there. */
async function openBeside(
  context: BrowserContext,
  newDevice: (options: BrowserContextOptions) => Promise<Page>,
  provider: ProviderId,
): Promise<Page> {
  const beside = await newDevice({ storageState: await context.storageState() });
  await beside.context().clearCookies({ name: /^daemun\.session/ });
  await beside.goto("/account");
  await chooseProvider(beside, provider);
  await beside.waitForURL("**/account");
  return beside;
}

/** Which of these sessions are alive at the provider. */
async function liveSids(app: TestApp, provider: ProviderId, sids: string[]): Promise<string[]> {
  const live = (await app.control.sessions(provider)).map(({ clients }) => clients.daemun);
  return sids.filter((sid) => live.includes(sid));
}

/** Of which of these sessions the provider has sent us a logout token. */
async function sidsTold(app: TestApp, provider: ProviderId, sids: string[]): Promise<string[]> {
  const told = (await app.control.issued(provider)).flatMap(({ logoutToken }) =>
    logoutToken ? [JSON.parse(Buffer.from(logoutToken.split(".")[1] ?? "", "base64url").toString()).sid] : [],
  );
  return sids.filter((sid) => told.includes(sid));
}

async function revokedOf(app: TestApp, provider: ProviderId, signIns: { refreshToken: string }[]): Promise<string[]> {
  const revoked = (await app.control.journal(provider, { endpoint: "revocation" })).map(({ form }) => form.token);
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
async function signOutAtProvider(page: Page, app: TestApp, provider: ProviderId): Promise<void> {
  await page.goto(`${app.issuers[provider]}/session/end`);
  await page.locator('form[data-form="sign-out"] button[value="yes"]').click();
  await page.waitForURL("**/session/end/success**");
  await page.close();
}
