import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { formOf, type HttpBrowser, type Page } from "../../support/http-browser";
import { call, errorOf, own } from "../../support/proxied";
import { shareTestApp, signedIn, signIn, type TestApp } from "../../support/test-app";

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  app = await shareTestApp({ env: { OUTBOUND_TIMEOUT_MS: "1500" } });
  sibling = await app.startSibling();
});
afterEach(async () => {
  for (const { control } of Object.values(app.services)) await control.reset();
  await app.control.resetUsers("company");
});
afterAll(() => app.close());

const address = "/account/organizations";

/** Opens the page of organizations in a tab. */
const open = (browser: HttpBrowser, base = app.url) => browser.request(base + address);

/** Which of them the page says is in use, by its id; null for none. */
const current = ({ body }: Page) => /data-organization="([^"]+)" data-current="true"/.exec(body)?.[1] ?? null;

/** Presses the button of one organization on a page that was opened before. */
const choose = (browser: HttpBrowser, page: Page, id: string, extra: Record<string, string> = {}) =>
  browser.submit(page, `data-organization-form="${id}"`, extra);

const askStore = (browser: HttpBrowser, options: Parameters<typeof call>[3] = {}) =>
  call(app, browser, "store/inventory", options);

/** For which organizations the service was called, by what it answered. */
const answeredFor = (page: Page) => [page.status, JSON.parse(page.body).organization ?? JSON.parse(page.body).error];

const rowOf = async (subject: string) =>
  (
    await app.rows<{ organization: string | null }>(
      'SELECT organization FROM "Session" WHERE subject = $1 AND "endedAt" IS NULL ORDER BY "createdAt" DESC LIMIT 1',
      [subject],
    )
  )[0]?.organization;

describe("the organization that somebody works in", () => {
  it("is called by the name that the provider's userinfo says, with the roles there, and its id only where nobody names it", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const { body } = await open(browser);
    const [name] = await app.rows<{ names: Record<string, string> }>(
      `SELECT "organizationNames" AS names FROM "Session" WHERE subject = 'haneul' AND "endedAt" IS NULL`,
    );
    expect(Object.keys(name?.names ?? {}).sort()).toEqual(["org_hanok", "org_maru"]);
    for (const text of Object.values(name?.names ?? {})) expect(body).toContain(text);
    expect((await browser.request(`${app.url}/account`)).body).toContain(name?.names.org_hanok);
  });

  it("is nobody's choice at first, is chosen on one instance, and is the default of calls that read on another", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const page = await open(browser);
    expect(current(page)).toBeNull();
    expect(errorOf(await askStore(browser))).toEqual([400, "unknown_organization"]);
    const answered = await choose(browser, page, "org_maru");
    expect([answered.status, new URL(answered.location ?? "").pathname]).toEqual([303, address]);
    expect(current(await open(browser, sibling.url))).toBe("org_maru");
    const there = await browser.fetch(`${sibling.url}/api/services/store/inventory`, { headers: own });
    expect(answeredFor(there)).toEqual([200, "org_maru"]);
    expect(answeredFor(await askStore(browser, { headers: { "X-Organization": "org_hanok" } }))).toEqual([
      200,
      "org_hanok",
    ]);
    expect(answeredFor(await askStore(browser))).toEqual([200, "org_maru"]);
  });

  it("is no default for what changes something: a tab that shows another one would write into the wrong place", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    await choose(browser, await open(browser), "org_hanok");
    const body = '{"item":"Pine beam","quantity":1}';
    const write = (headers: Record<string, string> = {}) =>
      askStore(browser, { method: "POST", body, headers: { "Content-Type": "application/json", ...headers } });
    // This tab was opened before the other one chose.
    await choose(browser, await open(browser), "org_maru");
    expect(errorOf(await write())).toEqual([400, "unknown_organization"]);
    expect(app.services.store.control.journal().filter(({ method }) => method === "POST")).toEqual([]);
    expect((await write({ "X-Organization": "org_hanok" })).status).toBeLessThan(300);
    const items = async (organization: string) =>
      JSON.stringify(JSON.parse((await askStore(browser, { headers: { "X-Organization": organization } })).body).items);
    expect(await items("org_hanok")).toContain("Pine beam");
    expect(await items("org_maru")).not.toContain("Pine beam");
  });

  it("is the last one that was chosen, whichever of two tabs and instances is asked", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const [first, second] = [await open(browser), await open(browser, sibling.url)];
    const other = browser.clone();
    await Promise.all([choose(browser, first, "org_hanok"), choose(other, first, "org_maru")]);
    const settled = current(await open(browser));
    expect(["org_hanok", "org_maru"]).toContain(settled);
    expect(current(await open(other, sibling.url))).toBe(settled);
    await choose(browser, second, "org_hanok").catch(() => null);
    await choose(browser, first, "org_hanok");
    expect(await rowOf("haneul")).toBe("org_hanok");
  });

  it("is of one session: another device of the same user keeps its own", async () => {
    const [here, there] = [await signedIn(app, { user: "haneul" }), await signedIn(app, { user: "haneul" })];
    await choose(here, await open(here), "org_maru");
    expect(current(await open(here))).toBe("org_maru");
    expect(current(await open(there))).toBeNull();
  });

  it("goes with the membership, and does not come back with it", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    await choose(browser, await open(browser), "org_maru");
    const memberships = (ids: string[]) =>
      app.rows(
        `UPDATE "Session" SET claims = jsonb_set(claims, '{organizations}', $1::jsonb) WHERE subject = 'haneul'`,
        [JSON.stringify(ids)],
      );
    await memberships(["org_hanok", "org_dari"]);
    expect(current(await open(browser))).toBeNull();
    expect(await rowOf("haneul")).toBeNull();
    await memberships(["org_hanok", "org_maru"]);
    expect(current(await open(browser))).toBeNull();
    // Of one alone there is no choice to make.
    await memberships(["org_hanok"]);
    expect(current(await open(browser))).toBe("org_hanok");
    expect(answeredFor(await askStore(browser))).toEqual([200, "org_hanok"]);
  });

  it("stays through a sign-in in the same browser, of the same user alone", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    await choose(browser, await open(browser), "org_maru");
    expect((await signIn(app, browser, { user: "haneul" })).status).toBe(303);
    expect(current(await open(browser))).toBe("org_maru");
  });

  it("is refused as unknown where its user does not belong to it, whether there is such a one or not, and nothing changes", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const page = await open(browser);
    await choose(browser, page, "org_hanok");
    const form = formOf(page, 'data-organization-form="org_maru"');
    for (const organization of ["org_dari", "nowhere", "__proto__", "a\u0000b", "x".repeat(5000)]) {
      const refused = await browser.fetch(form.action, {
        method: "POST",
        form: { ...form.fields, organization },
      });
      expect([organization.slice(0, 20), ...errorOf(refused)]).toEqual([
        organization.slice(0, 20),
        400,
        "unknown_organization",
      ]);
    }
    const { organization: _none, ...without } = form.fields;
    expect(errorOf(await browser.fetch(form.action, { method: "POST", form: without }))).toEqual([
      400,
      "invalid_request",
    ]);
    expect(await rowOf("haneul")).toBe("org_hanok");
  });

  it("is nobody else's to choose: a form without the session's token, or of another site, is refused", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const form = formOf(await open(browser), 'data-organization-form="org_maru"');
    const forged = { ...form.fields, csrfToken: "x".repeat(43) };
    expect(errorOf(await browser.fetch(form.action, { method: "POST", form: forged }))).toEqual([403, "csrf_rejected"]);
    const foreign = { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" };
    const sent = await browser.fetch(form.action, { method: "POST", form: form.fields, headers: foreign });
    expect(errorOf(sent)).toEqual([403, "csrf_rejected"]);
    expect(await rowOf("haneul")).toBeNull();
  });
});
