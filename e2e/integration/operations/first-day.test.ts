import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../../dev/postgres/test-database";
import { findFreePort } from "../../../dev/process/ports";
import { firstParty } from "../../../dev/provider/client-registration";
import { createControlClient } from "../../../dev/provider/control-client";
import { type IdentityProviders, startIdentityProviders } from "../../../dev/provider/start";
import { type RunningApp, startApp } from "../../../dev/run/app";
import { appEnvironment, clientAddresses } from "../../../dev/run/app-environment";
import { nextCli, root } from "../../../dev/run/build";
import { makeSecrets } from "../../../dev/run/secrets";
import { openStandIn, type StandIn } from "../../fixtures/services";
import { applyTask, linesOf, readTasks } from "../../support/extension/apply-document";
import { HttpBrowser } from "../../support/http-browser";
import { copyRepository, type RepositoryCopy } from "../../support/repository-copy";
import { signedIn, signIn, type TestApp } from "../../support/test-app";

// What docs/tasks.md tells a developer to write on their first day, in a copy that has nothing else.

const tasks = readTasks(readFileSync(join(root, "docs/tasks.md"), "utf8"));
let copy: RepositoryCopy;
let providers: IdentityProviders;
let service: StandIn;
let app: RunningApp;
let told: Record<string, string>;

/** Seconds that each task took, of the machine's: copying what the document says, and asking the app for what came of it. */
const spent = new Map<string, number>();
/** What all of them wait for, once: generating, building, migrating, starting. */
const together = "Build, database and start, once for all";

async function timed<T>(title: string, work: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  try {
    return await work();
  } finally {
    spent.set(title, (spent.get(title) ?? 0) + (performance.now() - start) / 1000);
  }
}

/** A test of one task, whose title it names. */
function task(title: string, sentence: string, work: () => Promise<void>): void {
  it(sentence, () => {
    expect(tasks.map((task) => task.title)).toContain(title);
    return timed(title, work);
  });
}

/** Lines and seconds, for whoever wants to know what a first day takes. Of the seconds nothing is asserted: machines differ. */
function sayWhatItTook(): void {
  const rows = tasks.map((task) => [task.title, linesOf(task), (spent.get(task.title) ?? 0).toFixed(1)]);
  const all = [...rows, [together, "", (spent.get(together) ?? 0).toFixed(1)]];
  console.log(
    ["| task | lines | seconds |", "|---|---|---|", ...all.map((row) => `| ${row.join(" | ")} |`)].join("\n"),
  );
}

beforeAll(async () => {
  copy = copyRepository("first-day");
  const folder = join(root, ".data/first-day");
  for (const task of tasks) await timed(task.title, () => applyTask(folder, task));
  await timed(together, async () => {
    await copy.run("production", "--import", "tsx", "prisma/generate.ts");
    await copy.run("production", nextCli, "build");
  });
  const port = await findFreePort();
  const url = `http://localhost:${port}`;
  // What .env says but for where things are, which a test alone knows.
  const said = readFileSync(join(folder, ".env"), "utf8");
  told = Object.fromEntries(
    said
      .trim()
      .split("\n")
      .map((line) => line.split("=", 2) as [string, string]),
  );
  const client = { clientId: told.AUTH_COMPANY_ID ?? "", clientSecret: told.AUTH_COMPANY_SECRET ?? "" };
  providers = await startIdentityProviders({
    issuers: [{ id: "company", port: 0, clients: [{ ...client, ...firstParty, ...clientAddresses(url, "company") }] }],
    controlPort: 0,
    resources: { "https://reports.example/api": ["reports:read"] },
  });
  service = await openStandIn((request) =>
    Response.json({ hasToken: /^Bearer \S+$/.test(request.headers.get("authorization") ?? "") }),
  );
  const databaseUrl = await createTestDatabase(inject("servers").postgresUrl);
  const env = {
    ...appEnvironment({ port, databaseUrl, secrets: makeSecrets(), providers: [] }),
    ...told,
    AUTH_COMPANY_ISSUER: providers.issuers.company?.issuer ?? "",
    SERVICE_REPORTS_URL: service.url,
  };
  // The migration of the document, on top of ours.
  process.env.DATABASE_URL = databaseUrl;
  await timed(together, async () => {
    await copy.run("production", "--import", "tsx", "prisma/migrate.ts").finally(() => delete process.env.DATABASE_URL);
    app = await startApp({ port, env, directory: folder });
  });
}, 600_000);

afterAll(async () => {
  sayWhatItTook();
  await app?.stop();
  await service?.stop();
  await providers?.stop();
  copy?.remove();
});

const here = () => ({ url: app.url }) as TestApp;
/** The requests with which the app has sent browsers to the provider. */
const authorizations = async () =>
  (await createControlClient(providers.control).journal("company", { endpoint: "authorization" })).filter(
    ({ query }) => query.client_id !== undefined,
  );
const json = async (browser: HttpBrowser, path: string) => JSON.parse((await browser.fetch(app.url + path)).body);

describe("the tasks of a first day", () => {
  it("are all there, each in at most ten lines", () => {
    expect(tasks.length).toBeGreaterThanOrEqual(11);
    expect(tasks.filter((task) => linesOf(task) > 10).map(({ title }) => title)).toEqual([]);
  });

  task("A first page", "a first page is open to strangers", async () => {
    const page = await new HttpBrowser().request(`${app.url}/about`);
    expect([page.status, page.body.includes("About us")]).toEqual([200, true]);
  });

  task("Name and colours", "every page has the name and the colours of the document", async () => {
    const page = await new HttpBrowser().request(`${app.url}/about`);
    expect(page.body).toContain("Acorn");
    expect(page.body).toContain("#1d4ed8");
  });

  task("A provider", "a user signs in at the provider that the document sets up", async () => {
    await signedIn(here(), { user: "minsu" });
    expect((await authorizations()).at(-1)?.query.client_id).toBe(told.AUTH_COMPANY_ID);
  });

  task("A page for users", "a page for users sends strangers to sign in, and names the user", async () => {
    const stranger = await new HttpBrowser().request(`${app.url}/reports`);
    expect([stranger.status, new URL(stranger.location ?? "").pathname]).toEqual([307, "/sign-in"]);
    const browser = await signedIn(here(), { user: "minsu" });
    expect((await browser.request(`${app.url}/reports`)).body).toContain("이민수");
    expect((await browser.request(`${app.url}/reports/figures`)).status).toBe(403);
  });

  task("An API route", "an API route answers 401 to strangers, and users what is theirs", async () => {
    expect((await new HttpBrowser().fetch(`${app.url}/api/reports`)).status).toBe(401);
    const browser = await signedIn(here(), { user: "minsu" });
    expect(await json(browser, "/api/reports")).toEqual({ owner: expect.any(String), reports: [] });
  });

  task("A field of your own on the user", "a field on the user is in the database and in the client", async () => {
    const browser = await signedIn(here(), { user: "minsu" });
    expect(await json(browser, "/api/nickname")).toEqual({ nickname: null });
  });

  task("An API that your provider gives access to", "each sign-in asks the provider for the API", async () => {
    await signedIn(here(), { user: "minsu" });
    const { resource } = (await authorizations()).at(-1)?.query ?? {};
    expect([resource].flat()).toContain("https://reports.example/api");
  });

  task("Calling a service", "a service is called with the user's token", async () => {
    const browser = await signedIn(here(), { user: "minsu" });
    expect(await json(browser, "/api/figures")).toEqual({ hasToken: true });
    expect(service.asked).toContain("GET /figures/today");
  });

  task("A third language", "a third language is spoken, and English where it says nothing yet", async () => {
    const page = await new HttpBrowser().request(`${app.url}/`, { headers: { "Accept-Language": "fr" } });
    expect(page.body).toContain('lang="fr"');
    expect(page.body).toContain("Se connecter");
    expect(page.body).toContain("한국어");
  });

  task("A rule for sign-ins", "a rule for sign-ins refuses who has no verified address", async () => {
    const refused = await signIn(here(), new HttpBrowser(), { user: "eunji" });
    expect(new URL(refused.location ?? "", app.url).searchParams.get("code")).toBe("sign_in_not_allowed");
  });

  task("A test", "a test stands where Playwright finds it; e2e/documented.spec.ts runs it", async () => {
    const spec = tasks.find(({ title }) => title === "A test")?.steps[0];
    expect(readFileSync(join(root, ".data/first-day", spec?.path ?? ""), "utf8")).toContain("sessionFor");
  });
});
