import { expect, it, vi } from "vitest";
import { documentPolicy } from "./content-security-policy";
import { contentSecurityPolicySchema } from "./policy-schema";

it("FF-71: configuration adds sources to a directive, and takes none away", () => {
  const policy = documentPolicy("n", true, { "img-src": ["blob:"], "frame-src": ["https://video.example"] });
  expect(policy).toContain("img-src 'self' https: data: blob:;");
  expect(policy).toContain("frame-src 'self' https://video.example");
  expect(policy).toContain("script-src 'self' 'nonce-n' 'strict-dynamic';");
  expect(policy).not.toContain("report");
  expect(documentPolicy("n", true, { reportTo: "/api/csp" })).toMatch(/report-to csp; report-uri \/api\/csp$/);
});

it("FF-71: development differs from production in what React's and Next's tools need, and in nothing else", () => {
  const production = documentPolicy("n", false);
  vi.stubEnv("NODE_ENV", "development");
  const development = documentPolicy("n", false);
  vi.unstubAllEnvs();
  expect(
    development.replace(" 'unsafe-eval'", "").replace("style-src 'self' 'unsafe-inline'", "style-src 'self' 'nonce-n'"),
  ).toBe(production);
});

it.each([
  ["script-src", "'unsafe-inline'"],
  ["script-src", "'unsafe-eval'"],
  ["script-src", "'unsafe-hashes'"],
  ["script-src", "data:"],
  ["script-src", "https://cdn.example"],
  ["style-src", "'unsafe-inline'"],
  ["worker-src", "data:"],
  ["frame-src", "data:"],
  ...[
    "*",
    "https:",
    "https://*",
    "https://*.example:*",
    "http://cdn.example",
    "'none'",
    "a; script-src *",
    "https://a.example,*",
  ].map((source) => ["connect-src", source] as const),
] as const)("FF-71: %s is not extended by %s", (directive, source) => {
  expect(contentSecurityPolicySchema.safeParse({ [directive]: [source] }).success).toBe(false);
});

it("FF-71: origins, one level of their subdomains, hashes and a place for reports are taken, and no other directive", () => {
  const taken = {
    "connect-src": ["https://api.example", "wss://live.example:8443", "http://localhost:4000"],
    "img-src": ["https://*.cdn.example/pictures/", "blob:"],
    "script-src": ["'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='", "'wasm-unsafe-eval'"],
    reportTo: "https://reports.example/csp?app=1",
  };
  expect(contentSecurityPolicySchema.safeParse(taken).success).toBe(true);
  for (const told of [
    { "default-src": ["https://a.example"] },
    { "frame-ancestors": ["https://a.example"] },
    { reportTo: 'x"' },
  ])
    expect(contentSecurityPolicySchema.safeParse(told).success).toBe(false);
});
