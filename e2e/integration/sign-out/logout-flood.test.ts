import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { logoutForm, post } from "../../support/logout-channel";
import { shareTestApp, signedIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await shareTestApp();
});
afterAll(() => app.close());

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token that is right in everything but the key that signed it, which nobody knows. */
function bogusToken(): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: app.issuers.company, aud: "daemun", iat, exp: iat + 60, jti: randomUUID(), sub: "minsu" };
  const events = { "http://schemas.openid.net/event/backchannel-logout": {} };
  const head = { alg: "RS256", typ: "logout+jwt", kid: randomUUID() };
  return `${part(head)}.${part({ ...claims, events })}.${Buffer.alloc(256, 7).toString("base64url")}`;
}

it("FF-42: 150 logout tokens by unknown keys cause a handful of fetches of the keys, and everybody signs in meanwhile", async () => {
  await app.control.clearJournal("company");
  const flood = Array.from({ length: 150 }, () => post(app.url, "company", logoutForm(bogusToken())));
  const browsers = await Promise.all(["minsu", "haneul", "eunji", "jiwoo"].map((user) => signedIn(app, { user })));
  const answers = await Promise.all(flood);
  for (const { status } of answers) expect([400, 429]).toContain(status);
  expect((await app.control.journal("company", { endpoint: "jwks" })).length).toBeLessThanOrEqual(5);
  for (const browser of browsers) expect(await whoIs(app, browser)).not.toBeNull();
});
