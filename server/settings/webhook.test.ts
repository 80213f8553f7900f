import { expect, it } from "vitest";
import { readWebhook } from "./webhook";

const secret = `whsec_${Buffer.from("a secret that nobody else knows.").toString("base64")}`;
const other = `whsec_${Buffer.from("another that came after that one").toString("base64")}`;

function read(WEBHOOK_URL?: string, WEBHOOK_SECRET?: string, allowHttpLoopback = false) {
  const faults: string[] = [];
  const settings = readWebhook({ WEBHOOK_URL, WEBHOOK_SECRET }, { allowHttpLoopback }, faults);
  return { settings, faults };
}

it("without both variables nothing is sent, and nothing is wrong", () => {
  expect(read()).toEqual({ settings: null, faults: [] });
});

it("several secrets are several keys, in their order", () => {
  const { settings, faults } = read("https://hooks.example/daemun", `${other}, ${secret}`);
  expect(faults).toEqual([]);
  expect(settings?.keys.map(String)).toEqual(["another that came after that one", "a secret that nobody else knows."]);
});

it.each<[string, string | undefined, string | undefined, RegExp]>([
  ["http", "http://hooks.example/", secret, /^WEBHOOK_URL must use https/],
  ["http on loopback in production", "http://localhost:9/", secret, /^WEBHOOK_URL must use https/],
  ["a password in the address", "https://a:b@hooks.example/", secret, /^WEBHOOK_URL must be an https address/],
  ["no address at all", "hooks", secret, /^WEBHOOK_URL must be an https address/],
  ["a secret alone", undefined, secret, /^WEBHOOK_URL is missing/],
  ["an address alone", "https://hooks.example/", undefined, /^WEBHOOK_SECRET is missing/],
  ["a secret without its prefix", "https://hooks.example/", secret.slice(6), /^WEBHOOK_SECRET must be whsec_/],
  ["a short one", "https://hooks.example/", `whsec_${"YWJj".repeat(4)}`, /^WEBHOOK_SECRET must be whsec_/],
  ["one byte over and over", "https://hooks.example/", `whsec_${"YWFh".repeat(10)}`, /^WEBHOOK_SECRET must be whsec_/],
])("%s stops the start, and its value is not told", (_, address, given, fault) => {
  const { faults } = read(address, given);
  expect(faults).toEqual([expect.stringMatching(fault)]);
  if (given) expect(faults[0]).not.toContain(given.slice(6));
});

it("http on a loopback host is good enough where that is allowed", () => {
  expect(read("http://localhost:9/x", secret, true).faults).toEqual([]);
});
