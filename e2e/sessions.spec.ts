import type { Locator, Page } from "@playwright/test";
import { expectAccessible } from "./fixtures/accessibility";
import { chooseProvider, chooseUser, signInOn } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import type { TestApp } from "./fixtures/test-app";
import { english, korean } from "./fixtures/texts";

const address = "/account/sessions";

/** Ends every session that a person has left here, so that a test begins with its own. */
async function clearSessions(app: TestApp, subject: string): Promise<void> {
  await app.rows(`DELETE FROM "Session" WHERE subject = $1`, [subject]);
  // What devices of other tests would be told.
  await app.rows(
    `DELETE FROM "Device" WHERE "userId" IN (SELECT "userId" FROM "Account" WHERE "providerAccountId" = $1)`,
    [subject],
  );
}

/** Copies a person's newest session, a minute older and with other facts. Answers its public id; no browser has it. */
async function addSession(app: TestApp, subject: string, facts: Record<string, unknown> = {}): Promise<string> {
  const [{ id } = { id: "" }] = await app.rows<{ id: string }>(
    `INSERT INTO "Session"
     SELECT (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'sessionToken', gen_random_uuid(),
       'createdAt', s."createdAt" - interval '1 minute') || $2)).*
     FROM "Session" s WHERE subject = $1 ORDER BY "createdAt" DESC LIMIT 1 RETURNING id`,
    [subject, JSON.stringify(facts)],
  );
  return id;
}

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

const rows = (page: Page): Locator => page.locator("li[data-session]");
const endedRows = (page: Page): Locator => page.locator("li[data-ended]");
const fact = (row: Locator, name: string): Locator =>
  row.locator("dt", { hasText: name }).locator("xpath=following-sibling::dd[1]");

test.describe("the device centre", () => {
  test("lists this session first and another browser's below, and ends that one, which is out at its next click", async ({
    page,
    app,
    signIn,
    newDevice,
  }) => {
    await clearSessions(app, "minsu");
    const phone = await newDevice({
      userAgent:
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
    });
    await signIn("minsu");
    await signInOn(phone, "minsu");

    await page.getByRole("link", { name: "Sessions", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your sessions");
    await expect(page.getByRole("heading", { level: 2 })).toHaveText([
      english("account.notices.newDevice.title", { count: 1 }),
      english("account.sessions.active.heading", { count: 2 }),
      english("account.sessions.ended.heading"),
    ]);
    await expect(rows(page).getByRole("heading")).toHaveText(["Chrome, Linux", "Safari, iOS"]);
    await expect(rows(page).first()).toContainText("This device");
    await expect(rows(page).last()).not.toContainText("This device");
    for (const row of await rows(page).all()) {
      await expect(row).toContainText("With Company");
      await expect(row).toContainText("from this computer");
      await expect(fact(row, "Signed in").locator("time")).toBeVisible();
      await expect(fact(row, "Last active").locator("time")).toBeVisible();
    }
    await expect(page.getByRole("button", { name: "Sign out here: Chrome, Linux" })).toBeVisible();

    await page.getByRole("button", { name: `${english("account.sessions.end")}: Safari, iOS` }).click();
    await expect(page).toHaveURL(/\/account\/sessions\?ended=1$/);
    await expect(page.getByRole("status")).toContainText(english("account.sessions.notice.ended", { count: 1 }));
    await expect(rows(page)).toHaveCount(1);
    await expect(endedRows(page)).toHaveCount(1);
    const ended = endedRows(page).first();
    await expect(ended.getByRole("heading")).toHaveText("Safari, iOS");
    await expect(fact(ended, "Why")).toHaveText(english("account.sessions.ended.reasons.session_revoked"));
    await expect(fact(ended, "Who")).toHaveText("You");
    await expect(fact(ended, "When").locator("time")).toBeVisible();

    await phone.getByRole("link", { name: "Sessions", exact: true }).click();
    await expect(phone).toHaveURL(/\/sign-in\?/);
    await expect(phone.getByRole("main").getByRole("alert")).toContainText(english("errors.session_revoked.title"));
  });

  test("ends all others at once, and none of somebody else's", async ({ page, app, signIn, newDevice }) => {
    await clearSessions(app, "minsu");
    const [other, third, stranger] = [await newDevice(), await newDevice(), await newDevice()];
    await signInOn(other, "minsu");
    await signInOn(third, "minsu");
    await signInOn(stranger, "jiwoo");
    await signIn("minsu", { to: address });
    await expect(rows(page)).toHaveCount(3);

    await page.getByRole("button", { name: english("account.sessions.endOthers") }).click();
    await expect(page.getByRole("status")).toContainText(english("account.sessions.notice.ended", { count: 2 }));
    await expect(rows(page)).toHaveCount(1);
    await expect(page.getByRole("button", { name: english("account.sessions.endOthers") })).toHaveCount(0);
    for (const gone of [other, third]) {
      await gone.reload();
      await expect(gone).toHaveURL(/\/sign-in\?/);
    }
    await stranger.reload();
    await expect(stranger).toHaveURL(/\/account$/);
  });

  test("says so when the session was over already", async ({ page, app, signIn }) => {
    await clearSessions(app, "minsu");
    await signIn("minsu");
    const gone = await addSession(app, "minsu", { device: "Firefox, Windows" });
    await page.goto(address);
    await app.rows(
      `UPDATE "Session" SET "endedAt" = now() - interval '2 minutes', "endReason" = 'signed_out', "endedBy" = 'self' WHERE id = $1`,
      [gone],
    );
    await page.getByRole("button", { name: `${english("account.sessions.end")}: Firefox, Windows` }).click();
    await expect(page.getByRole("status")).toHaveText(english("account.sessions.notice.alreadyOver"));
  });

  test("with one session only, says that, and that nothing ended recently", async ({ page, app, signIn }) => {
    await clearSessions(app, "minsu");
    await signIn("minsu", { to: address });
    await expect(rows(page)).toHaveCount(1);
    const main = page.getByRole("main");
    await expect(main).toContainText(english("account.sessions.active.alone"));
    await expect(main).toContainText(english("account.sessions.ended.none.title"));
    await expect(page.getByRole("button", { name: english("account.sessions.endOthers") })).toHaveCount(0);
    await expectAccessible(page, "one session");
  });

  test("signs out here, and everywhere", async ({ page, app, signIn, newDevice }) => {
    await clearSessions(app, "minsu");
    const other = await newDevice();
    await signInOn(other, "minsu", { to: address });
    await signIn("minsu", { to: address });
    await page.getByRole("button", { name: /^Sign out here: / }).click();
    await page.waitForURL("**/signed-out**");
    await other.reload();
    await expect(fact(endedRows(other), "Why")).toHaveText("Signed out");
    await expect(fact(endedRows(other), "Who")).toHaveText("You");
    await other.getByRole("button", { name: "Sign out everywhere" }).click();
    await other.waitForURL("**/signed-out**");
    await expect(other.getByRole("heading", { level: 1 })).toHaveText("You are signed out");
  });

  test("shows of an address only its beginning, and orders by activity, the current session before all", async ({
    page,
    app,
    signIn,
  }) => {
    await clearSessions(app, "minsu");
    await signIn("minsu");
    const old = await addSession(app, "minsu", { ip: "203.0.113.77", lastActiveAt: minutesAgo(20) });
    const ahead = await addSession(app, "minsu", {
      ip: "2001:db8:1:2::3",
      lastActiveAt: minutesAgo(-1),
      device: null,
      userAgent: null,
    });
    await page.goto(address);
    const ids = await rows(page).evaluateAll((items) => items.map((item) => item.getAttribute("data-session")));
    expect(ids.slice(1)).toEqual([ahead, old]);
    await expect(rows(page).nth(1)).toContainText("Unknown device");
    await expect(rows(page).nth(1)).toContainText("2001:db8:1:…");
    await expect(rows(page).nth(2)).toContainText("203.0.113.x");
    const html = await page.content();
    for (const secret of ["203.0.113.77", "2001:db8:1:2"]) expect(html).not.toContain(secret);
  });

  test("says of each ended session who ended it and why", async ({ page, app, signIn }) => {
    await clearSessions(app, "minsu");
    await signIn("minsu");
    const ends = [
      ["signed_out", "self", "Signed out", "You"],
      [
        "replaced",
        "sign_in",
        english("account.sessions.ended.reasons.replaced"),
        english("account.sessions.ended.enders.sign_in"),
      ],
      [
        "session_idle",
        "policy",
        english("account.sessions.ended.reasons.session_idle"),
        english("account.sessions.ended.enders.policy"),
      ],
      [
        "session_expired",
        "policy",
        english("account.sessions.ended.reasons.session_expired"),
        english("account.sessions.ended.enders.policy"),
      ],
      [
        "provider_limit",
        "policy",
        english("account.sessions.ended.reasons.provider_limit", { provider: "Company" }),
        english("account.sessions.ended.enders.policy"),
      ],
      ["signed_out_by_provider", "provider", "Signed out at Company", "Company"],
      ["session_revoked", "self", english("account.sessions.ended.reasons.session_revoked"), "You"],
      [
        "session_revoked",
        "admin",
        english("account.sessions.ended.reasons.revokedByOthers"),
        english("account.sessions.ended.enders.admin"),
      ],
      [
        "session_cap",
        "policy",
        english("account.sessions.ended.reasons.session_cap"),
        english("account.sessions.ended.enders.policy"),
      ],
    ] as const;
    for (const [index, [endReason, endedBy]] of ends.entries()) {
      await addSession(app, "minsu", { endedAt: minutesAgo(10 + index), endReason, endedBy });
    }
    await page.goto(address);
    for (const [index, [, , why, who]] of ends.entries()) {
      await expect(fact(endedRows(page).nth(index), "Why")).toHaveText(why);
      await expect(fact(endedRows(page).nth(index), "Who")).toHaveText(who);
    }
  });

  test("keeps the ended of thirty days, twenty at most, and calls what is past its deadline ended without writing it", async ({
    page,
    app,
    signIn,
  }) => {
    await clearSessions(app, "minsu");
    await signIn("minsu");
    const ended = { endReason: "signed_out", endedBy: "self" };
    const tooOld = await addSession(app, "minsu", { ...ended, endedAt: minutesAgo(31 * 24 * 60) });
    const kept = await addSession(app, "minsu", { ...ended, endedAt: minutesAgo(29 * 24 * 60) });
    const idle = await addSession(app, "minsu", { idleExpiresAt: minutesAgo(5) });
    const expired = await addSession(app, "minsu", { idleExpiresAt: minutesAgo(4), expires: minutesAgo(4) });
    const limited = await addSession(app, "minsu", {
      idleExpiresAt: minutesAgo(3),
      expires: minutesAgo(3),
      expiresBy: "provider",
    });
    await page.goto(address);
    const ids = () => endedRows(page).evaluateAll((items) => items.map((item) => item.getAttribute("data-ended")));
    expect(await ids()).toEqual([limited, expired, idle, kept]);
    expect(await ids()).not.toContain(tooOld);
    await expect(rows(page)).toHaveCount(1);
    await expect(fact(endedRows(page).nth(0), "Why")).toHaveText(
      english("account.sessions.ended.reasons.provider_limit", { provider: "Company" }),
    );
    await expect(fact(endedRows(page).nth(1), "Why")).toHaveText(
      english("account.sessions.ended.reasons.session_expired"),
    );
    await expect(fact(endedRows(page).nth(2), "Why")).toHaveText(
      english("account.sessions.ended.reasons.session_idle"),
    );
    expect(
      await app.rows(`SELECT 1 FROM "Session" WHERE id = ANY($1) AND "endedAt" IS NOT NULL`, [[idle, expired]]),
    ).toEqual([]);

    for (let index = 0; index < 20; index += 1) {
      await addSession(app, "minsu", { ...ended, endedAt: minutesAgo(60 + index) });
    }
    await page.reload();
    await expect(endedRows(page)).toHaveCount(20);
    expect((await ids()).slice(0, 3)).toEqual([limited, expired, idle]);
  });

  test("shows nothing of another person's sessions", async ({ page, app, signIn, newDevice }) => {
    await clearSessions(app, "minsu");
    const stranger = await newDevice();
    await signInOn(stranger, "jiwoo");
    const theirs = await app.rows<{ id: string }>(`SELECT id FROM "Session" WHERE subject = 'jiwoo'`);
    expect(theirs.length).toBeGreaterThan(0);
    await signIn("minsu", { to: address });
    await expect(rows(page)).toHaveCount(1);
    const html = await page.content();
    for (const { id } of theirs) expect(html).not.toContain(id);
  });

  test("stays readable and free of faults with a hundred sessions and names without an end", async ({
    page,
    app,
    signIn,
  }) => {
    await clearSessions(app, "minsu");
    await signIn("minsu");
    await addSession(app, "minsu", { device: "W".repeat(100), rememberMe: true });
    await addSession(app, "minsu", { endedAt: minutesAgo(5), endReason: "session_cap", endedBy: "policy" });
    await page.goto(address);
    await expectAccessible(page, "sessions with long names");

    for (let index = 0; index < 99; index += 1) {
      await addSession(app, "minsu", { ip: `198.51.100.${index}`, lastActiveAt: minutesAgo(index) });
    }
    await page.setViewportSize({ width: 360, height: 900 });
    await page.reload();
    await expect(page.getByRole("heading", { level: 2 }).first()).toHaveText(
      english("account.sessions.active.heading", { count: 101 }),
    );
    await expect(rows(page)).toHaveCount(101);
    const low = await page
      .getByRole("main")
      .getByRole("button")
      .evaluateAll((buttons) =>
        buttons.filter((button) => button.getBoundingClientRect().height < 44).map((button) => button.textContent),
      );
    expect(low).toEqual([]);
  });
});

test.describe("in Korean", () => {
  test.use({ locale: "ko-KR" });

  test("the device centre is Korean, and axe objects to nothing", async ({ page, app, signIn }) => {
    await clearSessions(app, "minsu");
    await signIn("minsu");
    await addSession(app, "minsu", { device: "Safari, iOS", rememberMe: true });
    await addSession(app, "minsu", { endedAt: minutesAgo(5), endReason: "session_idle", endedBy: "policy" });
    await page.goto(address);
    await expect(page).toHaveTitle("로그인한 기기 · 대문");
    await expect(page.getByRole("heading", { level: 2 })).toHaveText([
      korean("account.sessions.active.heading", { count: 2 }),
      korean("account.sessions.ended.heading"),
    ]);
    await expect(rows(page).last()).toContainText("로그인 유지 중");
    await expect(fact(endedRows(page), "왜")).toHaveText(korean("account.sessions.ended.reasons.session_idle"));
    await expectAccessible(page, "the device centre in Korean");

    await page.getByRole("button", { name: `${korean("account.sessions.end")}: Safari, iOS` }).click();
    await expect(page.getByRole("status")).toContainText(korean("account.sessions.notice.ended", { count: 1 }));
    await expectAccessible(page, "the device centre in Korean, after ending a session");
  });
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("sessions are listed and ended", async ({ page, app, newDevice }) => {
    await clearSessions(app, "minsu");
    const other = await newDevice();
    await signInOn(other, "minsu");
    await signInOn(page, "minsu", { to: address });
    await expect(rows(page)).toHaveCount(2);
    await rows(page).last().getByRole("button").click();
    await expect(page.getByRole("status")).toContainText(english("account.sessions.notice.ended", { count: 1 }));
    await other.reload();
    await expect(other).toHaveURL(/\/sign-in\?/);
  });

  test("ticking “Keep me signed in” is enough", async ({ page, app }) => {
    await clearSessions(app, "minsu");
    await page.goto(`/sign-in?returnTo=${encodeURIComponent(address)}`);
    await page.getByRole("checkbox", { name: "Keep me signed in for up to 30 days (Company)" }).check();
    await chooseProvider(page);
    await chooseUser(page, "minsu");
    await expect(rows(page).first()).toContainText("Kept signed in");
  });
});

test.describe("“Keep me signed in”", () => {
  const kept = (app: TestApp) =>
    app.rows<{ rememberMe: boolean; idleSeconds: number; seconds: number }>(
      `SELECT "rememberMe", "idleSeconds", ceil(extract(epoch FROM expires - "createdAt"))::int seconds
       FROM "Session" WHERE subject = 'minsu' AND "endedAt" IS NULL`,
    );

  test("is offered by each provider, unticked, and says of which it is", async ({ page }) => {
    await page.goto("/sign-in");
    await expect(page.getByRole("checkbox")).toHaveCount(2);
    for (const provider of ["Company", "Partner"]) {
      const box = page.getByRole("checkbox", { name: `Keep me signed in for up to 30 days (${provider})` });
      await expect(box).not.toBeChecked();
      await expect(box).toHaveAccessibleDescription(english("signIn.rememberHint"));
    }
  });

  test("ticked by keyboard, makes a session of thirty days, and the page says so", async ({ page, app }) => {
    await clearSessions(app, "minsu");
    await page.goto(`/sign-in?returnTo=${encodeURIComponent(address)}`);
    const box = page.getByRole("checkbox").first();
    await box.focus();
    await page.keyboard.press("Space");
    await expect(box).toBeChecked();
    await chooseProvider(page);
    await chooseUser(page, "minsu");
    await page.waitForURL(`**${address}`);
    await expect(rows(page).first()).toContainText("Kept signed in");
    const [session] = await kept(app);
    expect(session).toMatchObject({ rememberMe: true, idleSeconds: 14 * 86_400 });
    expect(Math.abs((session?.seconds ?? 0) - 30 * 86_400)).toBeLessThan(60);
  });

  test("left alone, makes an ordinary one", async ({ page, app, signIn }) => {
    await clearSessions(app, "minsu");
    await signIn("minsu", { to: address });
    await expect(rows(page).first()).not.toContainText("Kept signed in");
    const [session] = await kept(app);
    expect(session).toMatchObject({ rememberMe: false, idleSeconds: 1800 });
    expect(Math.abs((session?.seconds ?? 0) - 43_200)).toBeLessThan(60);
  });
});
