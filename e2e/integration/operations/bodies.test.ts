import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openExtendedApp } from "../../support/extension/extended-app";
import type { HttpBrowser } from "../../support/http-browser";
import { bytesOf, jsonOf, openCall } from "../../support/proxied";
import { signedIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let browser: HttpBrowser;
beforeAll(async () => {
  app = await openExtendedApp();
  browser = await signedIn(app);
}, 240_000);
afterAll(() => app?.close());

const mega = 1024 * 1024;
const body = randomBytes(5 * mega);
const whole = { bytes: body.length, sha256: createHash("sha256").update(body).digest("hex") };

async function post(path: string, sent: Buffer | Readable, headers: Record<string, string>) {
  const answer = await openCall(app, browser, path, { method: "POST", headers, body: sent }).answer;
  const text = (await bytesOf(answer)).toString("utf8");
  return { status: answer.statusCode, text };
}

function formOf(size: number): Buffer {
  const head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n';
  return Buffer.concat([Buffer.from(head), Buffer.alloc(size, "a"), Buffer.from("\r\n--x--\r\n")]);
}

const multipart = { "Content-Type": "multipart/form-data; boundary=x" };

describe("a route of a developer", () => {
  it("FF-63: receives five megabytes of JSON whole, with and without a length said ahead", async () => {
    const text = Buffer.from(JSON.stringify({ text: "a".repeat(5 * mega) }));
    const expected = { bytes: text.length, sha256: createHash("sha256").update(text).digest("hex") };
    const type = { "Content-Type": "application/json" };
    for (const sent of [text, Readable.from([text.subarray(0, 99), text.subarray(99)])]) {
      const answered = await post("/api/uploads", sent, type);
      expect([answered.status, JSON.parse(answered.text)]).toEqual([200, expected]);
    }
  });

  it("FF-63: receives sixty megabytes that come in pieces, more than Next would keep", async () => {
    const pieces = Readable.from(
      (function* () {
        for (let at = 0; at < 12; at += 1) yield body;
      })(),
    );
    const answered = await post("/api/uploads", pieces, { "Content-Type": "application/octet-stream" });
    expect([answered.status, JSON.parse(answered.text).bytes]).toEqual([200, 12 * body.length]);
    expect((await post("/api/uploads", body, { "Content-Type": "x/y" })).text).toBe(JSON.stringify(whole));
  });

  it("FF-63: receives a form of several parts with a large file, also from another site", async () => {
    for (const origin of [app.url, "https://elsewhere.example"]) {
      const headers = { ...multipart, Origin: origin };
      const answered = await post("/api/uploads?as=form", formOf(5 * mega), headers);
      expect([answered.status, JSON.parse(answered.text)]).toEqual([200, { file: 5 * mega }]);
    }
  });

  it("FF-63: is itself the judge of a form of several parts that it cannot read, wherever it stands", async () => {
    for (const path of ["/inbox", "/inbox?x=1"]) {
      const answered = await post(path, Buffer.from("no parts"), { ...multipart, Origin: "https://elsewhere.example" });
      expect([answered.status, JSON.parse(answered.text)]).toEqual([
        200,
        { bytes: 8, type: multipart["Content-Type"] },
      ]);
    }
  });

  it("FF-63: that wants a session refuses a stranger's upload, and nothing of it is kept", async () => {
    const { answer, sent } = openCall(app, browser, "/api/uploads", {
      method: "POST",
      headers: { Cookie: "", "Content-Type": "x/y" },
      body,
    });
    const answered = await answer;
    expect([answered.statusCode, (await jsonOf(answered)).error]).toEqual([401, "not_authenticated"]);
    sent.destroy();
    expect(await whoIs(app, browser)).not.toBeNull();
  });
});

describe("a page of a developer", () => {
  it("FF-63: takes an action's form of up to a megabyte whole, and answers 413 to a larger one", async () => {
    expect((await post("/notes", formOf(900_000), multipart)).status).toBeLessThan(413);
    expect((await post("/notes", formOf(mega), multipart)).status).toBe(413);
  });
});

describe("a route of ours", () => {
  it.each([
    ["/api/locale", "application/x-www-form-urlencoded"],
    ["/api/auth/signin/company", "application/x-www-form-urlencoded"],
    ["/api/oidc/company/backchannel-logout", "application/x-www-form-urlencoded"],
    ["/sign-in", "multipart/form-data; boundary=x"],
  ])("FF-63: %s answers 413 to five megabytes", async (path, type) => {
    const { status } = await post(path, Buffer.alloc(5 * mega, "a"), { "Content-Type": type });
    expect(status).toBe(413);
  });
});
