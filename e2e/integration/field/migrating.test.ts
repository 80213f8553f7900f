import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createDatabase } from "../../../dev/postgres/postgres";
import { createTestDatabase } from "../../../dev/postgres/test-database";
import { findFreePort } from "../../../dev/process/ports";
import { firstParty } from "../../../dev/provider/client-registration";
import { type IdentityProviders, startIdentityProviders } from "../../../dev/provider/start";
import { type RunningApp, startApp } from "../../../dev/run/app";
import { appEnvironment, clientAddresses } from "../../../dev/run/app-environment";
import { root } from "../../../dev/run/build";
import { makeSecrets } from "../../../dev/run/secrets";
import { applyTask, linesOf, readTasks, type Task } from "../../support/extension/apply-document";
import { adopt, buildHost, commit, edit, install, makeHost } from "../../support/field/adopting";
import { nextAuthApp, nextAuthPackages, notesTable } from "../../support/field/nextauth-app";
import { openPgAdapterApp } from "../../support/former-apps";
import { HttpBrowser } from "../../support/http-browser";
import { meetProvider, signedIn, signIn, type TestApp } from "../../support/test-app";

// What docs/migrating.md tells whoever moves an app with NextAuth, done with one whose users have signed in to it.

const { createNextApp, folder } = inject("field");
const minutes = 60_000;
const host = join(folder, "notes");

const guide = readFileSync(join(root, "docs/migrating.md"), "utf8");
const tasks = readTasks(guide);
const moved = tasks.find(({ title }) => title === "A small app, moved") as Task;
const steps = moved.steps.filter(({ language }) => language !== "sql");
const sql = moved.steps.find(({ language }) => language === "sql")?.lines ?? [];

/** The arguments of a command that the document shows, as a shell splits them. */
function documentedArguments(command: string): string[] {
  const words =
    guide
      .split(`npm run ${command} -- `)[1]
      ?.split("\n```")[0]
      ?.split(/(?<!\\)\n/)[0] ?? "";
  return [...words.replaceAll("\\\n", " ").matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, word]) => quoted ?? word ?? "",
  );
}

describe.skipIf(!createNextApp)("an app with NextAuth that is moved by the document", () => {
  const client = { clientId: "notes", clientSecret: "a-client-of-the-tests" };
  let port: number;
  let url: string;
  let providers: IdentityProviders;
  let former: Awaited<ReturnType<typeof openPgAdapterApp>>;
  let notes: pg.Pool;
  let databaseUrl: string;
  let here: pg.Pool;
  let app: RunningApp | undefined;
  const idsBefore: Record<string, string> = {};

  const company = () => ({
    id: "company",
    name: "Company",
    issuer: providers.issuers.company?.issuer ?? "",
    ...client,
  });
  const next = () => join(host, "node_modules/next/dist/bin/next");
  const idOf = async (name: string) =>
    String((await notes.query("SELECT id FROM users WHERE name = $1", [name])).rows[0]?.id);
  const notesOf = async (browser: HttpBrowser) => JSON.parse((await browser.fetch(`${url}/api/notes`)).body);

  beforeAll(async () => {
    port = await findFreePort();
    url = `http://localhost:${port}`;
    providers = await startIdentityProviders({
      issuers: [
        { id: "company", port: 0, clients: [{ ...client, ...firstParty, ...clientAddresses(url, "company") }] },
      ],
      controlPort: 0,
    });
    former = await openPgAdapterApp(await createDatabase(inject("servers").postgresUrl, `notes_${Date.now()}`));
    notes = new pg.Pool({ connectionString: former.address, max: 1 });
    await notes.query(notesTable);
    databaseUrl = await createTestDatabase(inject("servers").postgresUrl);
    here = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  });
  afterAll(async () => {
    await app?.stop();
    await providers?.stop();
    await Promise.all([former?.close(), notes?.end(), here?.end()]);
  });

  it("has users who signed in by NextAuth and wrote notes", { timeout: 20 * minutes }, async () => {
    await makeHost(createNextApp ?? "", host, { src: false, files: nextAuthApp });
    edit(host, "package.json", (text) => {
      const manifest = JSON.parse(text);
      return JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, ...nextAuthPackages } }, null, 2);
    });
    commit(host, "NextAuth");
    await install(host);
    commit(host, "Installed");
    await buildHost(host, folder);
    const env = {
      AUTH_SECRET: makeSecrets().authSecret,
      AUTH_COMPANY_ID: client.clientId,
      AUTH_COMPANY_SECRET: client.clientSecret,
      AUTH_COMPANY_ISSUER: providers.issuers.company?.issuer ?? "",
      DATABASE_URL: former.address,
    };
    app = await startApp({ port, env, directory: host, next: next(), waitUntilReady: false });
    await expect
      .poll(() =>
        fetch(`${url}/about`).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
    for (const user of ["minsu", "haneul"]) {
      const browser = new HttpBrowser();
      const { csrfToken } = JSON.parse((await browser.fetch(`${url}/api/auth/csrf`)).body);
      const form = { csrfToken, callbackUrl: `${url}/notes` };
      const started = await browser.request(`${url}/api/auth/signin/company`, { method: "POST", form });
      const back = await meetProvider({ url } as TestApp, browser, started, user);
      const page = await browser.visit(back.location ?? "");
      expect([page.status, page.url]).toEqual([200, `${url}/notes`]);
      const written = await browser.fetch(`${url}/api/notes`, { method: "POST", body: `A note of ${user}` });
      expect(written.status).toBe(201);
    }
    idsBefore.minsu = await idOf("이민수");
    idsBefore.haneul = await idOf("김하늘");
    expect((await notes.query("SELECT 1 FROM accounts")).rows).toHaveLength(2);
    await app.stop();
  });

  it("takes as many changed lines as the document says, and no other file", () => {
    const { code, said } = adopt(root, host, ...documentedArguments("adopt").slice(1));
    expect([code, said]).toEqual([0, expect.stringContaining("Written.")]);
    for (const step of steps) applyTask(host, { title: step.path, steps: [step] });
    const counted = Object.fromEntries(moved.steps.map((step) => [step.path, linesOf({ title: "", steps: [step] })]));
    const table = /^\| what \| lines \|[\s\S]*?\n\n/m.exec(guide)?.[0] ?? "";
    const rows = [...table.matchAll(/^\| (`.+`) \| ([1-9]\d*) \|/gm)].map(([, name = "", lines]) => [
      name.replaceAll("`", ""),
      Number(lines),
    ]);
    expect(Object.fromEntries(rows)).toEqual(counted);
    const untouched = Object.keys(nextAuthApp).filter((path) => path.startsWith("app/") && !path.includes("nextauth"));
    for (const path of untouched) expect(readFileSync(join(host, path), "utf8"), path).toBe(nextAuthApp[path]);
  });

  it("builds, with every block of the document in it", { timeout: 20 * minutes }, async () => {
    await install(host);
    for (const task of tasks.filter((task) => task !== moved)) applyTask(host, task);
    const blocks = guide.match(/^```(?:tsx?|diff|sql)$/gm) ?? [];
    expect(tasks.flatMap((task) => task.steps).filter(({ language }) => language !== "sh")).toHaveLength(blocks.length);
    await buildHost(host, folder);
  });

  it("brings its users, and what is theirs", { timeout: 20 * minutes }, async () => {
    const env = {
      ...process.env,
      ...appEnvironment({ port, databaseUrl, secrets: makeSecrets(), providers: [company()] }),
      NODE_ENV: "production" as const,
    };
    const npm = (...words: string[]) => promisify(execFile)("npm", ["run", ...words], { cwd: host, env });
    await npm("db:migrate");
    const [, ...options] = documentedArguments("import:authjs");
    await npm("import:authjs", "--", former.address, ...options);
    const ids = readFileSync(join(host, "came.csv"), "utf8").trim().split("\n");
    expect(ids).toHaveLength(2);
    for (const statement of sql) {
      if (!statement.startsWith("\\copy")) await notes.query(statement);
      // What psql does by itself.
      else
        for (const line of ids)
          await notes.query("INSERT INTO came VALUES ($1, $2)", line.replaceAll('"', "").split(","));
    }
  });

  it("signs them in as whom they were: one user, one account, and their own notes", {
    timeout: 5 * minutes,
  }, async () => {
    const env = appEnvironment({ port, databaseUrl, secrets: makeSecrets(), providers: [company()] });
    app = await startApp({
      port,
      env: { ...env, NOTES_DATABASE_URL: former.address },
      directory: host,
      next: next(),
    });
    const stranger = new HttpBrowser();
    expect((await stranger.request(`${url}/about`)).status).toBe(200);
    expect((await stranger.request(`${url}/notes`)).status).toBe(307);
    for (const [user, name] of [
      ["minsu", "이민수"],
      ["haneul", "김하늘"],
    ] as const) {
      const browser = await signedIn({ url } as TestApp, { user, returnTo: "/notes" });
      const found = await here.query(
        `SELECT u.id FROM "User" u JOIN "Account" a ON a."userId" = u.id WHERE a."providerAccountId" = $1`,
        [user],
      );
      expect(found.rows).toHaveLength(1);
      expect(await notesOf(browser)).toEqual({ userId: found.rows[0]?.id, notes: [`A note of ${user}`] });
      const came = readFileSync(join(host, "came.csv"), "utf8");
      expect(came).toContain(`"${idsBefore[user]}",${found.rows[0]?.id}\n`);
      const page = await browser.request(`${url}/notes`);
      expect([page.status, page.body.includes(name), page.body.includes(`A note of ${user}`)]).toEqual([
        200,
        true,
        true,
      ]);
    }
    expect((await here.query(`SELECT 1 FROM "User"`)).rows).toHaveLength(2);
    const refused = await signIn({ url } as TestApp, new HttpBrowser(), { user: "eunji" });
    expect(new URL(refused.location ?? "", url).searchParams.get("code")).toBe("sign_in_not_allowed");
  });
});
