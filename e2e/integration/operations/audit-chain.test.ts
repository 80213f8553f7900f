import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { root } from "../../../dev/run/build";
import { openTestApp, signedIn, type TestApp } from "../../support/test-app";

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  app = await openTestApp();
  sibling = await app.startSibling();
});
afterAll(() => app.close());

/** `npm run audit:verify`, as a terminal runs it. */
async function verify(...flags: string[]): Promise<{ code: number; said: string }> {
  const { PATH, HOME } = process.env;
  const options = { cwd: root, env: { PATH, HOME, ...app.environment, NODE_ENV: "production" as const } };
  const run = promisify(execFile)("npm", ["run", "--silent", "audit:verify", "--", ...flags], options);
  return run.then(({ stdout }) => ({ code: 0, said: stdout })).catch(({ code, stdout }) => ({ code, said: stdout }));
}

const unsealed = () =>
  app.rows(`SELECT id FROM "AuditEvent" e WHERE NOT EXISTS (SELECT 1 FROM "AuditSeal" s WHERE e.id = ANY (s.ids))`);

it("two instances seal what users do, by themselves and once, and the log is told one hash to keep", async () => {
  await Promise.all(["minsu", "haneul", "eunji"].map((user) => signedIn(app, { user })));
  await expect.poll(unsealed).toEqual([]);
  const { code, said } = await verify("--json");
  expect(code).toBe(0);
  const [rows] = await app.rows<{ count: number }>(`SELECT count(*)::int AS count FROM "AuditEvent"`);
  expect(JSON.parse(said)).toMatchObject({ ok: true, sealed: rows?.count, waiting: 0, before: 0, faults: [] });
  const anchors = () => `${app.instance.output()}${sibling.output()}`.match(/"anchor":"\d{4}-\d\d\/\d+:[\da-f]{64}"/g);
  await expect.poll(anchors).toHaveLength(1);
  const anchor = anchors()?.[0]?.split('"')[3] ?? "";
  expect(await verify("--anchor", anchor)).toMatchObject({ code: 0 });
  expect(
    await verify(
      "--anchor",
      anchor.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
    ),
  ).toMatchObject({ code: 1 });
});

it("an administrator who asks is told the row that somebody changed, and the command fails", async () => {
  await signedIn(app, { user: "jiwoo" });
  await expect.poll(unsealed).toEqual([]);
  const [row] = await app.rows<{ id: string }>(
    `UPDATE "AuditEvent" SET "userId" = gen_random_uuid() WHERE id = (SELECT max(id) FROM "AuditEvent") RETURNING id`,
  );
  const { code, said } = await verify();
  expect(code).toBe(1);
  expect(said).toMatch(new RegExp(`^Row ${row?.id}, seal \\d{4}-\\d\\d/\\d+ was changed`));
});
