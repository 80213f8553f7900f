import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "@playwright/test";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildDocs } from "../../../dev/docs/build";
import { addressOf, listDocuments } from "../../../dev/docs/pages";
import { serveFolder } from "../../../dev/docs/serve";
import { chromiumArguments, findChromium } from "../../../dev/run/chromium";

describe("the site of all documents", () => {
  const folder = mkdtempSync(join(tmpdir(), "daemun-docs-"));
  let site: { server: Server; url: string };
  let chrome: Browser;
  let page: Page;
  const asked: string[] = [];
  beforeAll(async () => {
    expect(await buildDocs(folder)).toBe(true);
    site = await serveFolder(folder, 0);
    chrome = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments });
    page = await chrome.newPage();
    page.on("request", (request) => asked.push(request.url()));
    page.on("pageerror", (error) => asked.push(String(error)));
  });
  afterAll(async () => {
    await chrome?.close();
    site?.server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const fileOf = (address: string) => address.slice(1).replace(/(^|\/)$/, "$1index.html");
  const pages = () => readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => /\.html$/.test(path));
  const read = (path: string) => readFileSync(join(folder, path), "utf8");

  it("has a page for every document, under its own heading", () => {
    const documents = listDocuments();
    expect(documents.length).toBeGreaterThan(100);
    for (const document of documents) expect(read(fileOf(addressOf(document))), document).toContain("<h1 ");
  });

  it("leads from page to page without an end, to headings too", () => {
    const ids = new Map(
      pages().map((path) => [path, new Set([...read(path).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))]),
    );
    for (const path of pages()) {
      for (const [, href = ""] of read(path).matchAll(/<a [^>]*?href="([^"]*)"/g)) {
        if (/^[a-z]+:/.test(href)) continue;
        const [address = "", fragment] = href.split("#").map(decodeURIComponent);
        const linked = address === "" ? path : fileOf(address);
        expect(existsSync(join(folder, linked)), `${path} -> ${href}`).toBe(true);
        if (fragment) expect(ids.get(linked)?.has(fragment), `${path} -> ${href}`).toBe(true);
      }
    }
  });

  it("shows braces and tags of a document as they are written", () => {
    const shown = read(fileOf(addressOf("docs/extending.md")));
    expect(shown).toContain("<code>style={{…}}</code>");
    expect(read(fileOf(addressOf("CHANGELOG.md")))).toContain("<code>&lt;SignIn&gt;</code>");
  });

  it.each([
    ["English", "/", "partition", "/docs/"],
    ["Korean", "/ko/", "봉인", "/ko/docs/"],
  ])("finds a word of a document in %s, and opens it there", async (_, start, word, below) => {
    await page.goto(site.url + start);
    await page.locator(".DocSearch-Button").click();
    await page.locator("#localsearch-input").fill(word);
    await page.locator(`#localsearch-list a[href^="${below}"]`).first().click();
    await page.waitForURL(`${site.url}${below}**`);
    await page.getByRole("main").getByText(word).first().waitFor({ state: "attached" });
  });

  it("asks no other host for anything, on any page", async () => {
    for (const document of listDocuments()) await page.goto(site.url + addressOf(document));
    expect(asked.length).toBeGreaterThan(listDocuments().length);
    expect(asked.filter((url) => !url.startsWith(`${site.url}/`) && !url.startsWith("data:"))).toEqual([]);
  }, 300_000);
});
