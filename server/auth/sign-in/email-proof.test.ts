import { expect, it } from "vitest";
import type { ProviderSettings } from "../../settings/providers";
import { isVerified } from "./email-proof";

type Proof = Pick<ProviderSettings, "emailProof"> & Partial<Pick<ProviderSettings, "assumeEmailVerified" | "oauth2">>;

const verified = (claims: object, proof: Proof) =>
  isVerified("minsu@company.example", { ...claims }, { assumeEmailVerified: false, oauth2: null, ...proof });

const byClaim = { emailProof: { claim: "email_verified" } } as const;
const byText = { emailProof: { claim: "xms_edov", orText: true } } as const;
const assumed = { ...byClaim, assumeEmailVerified: true } as const;
const listed = { emailsEndpoint: "https://api.example/emails" } as NonNullable<Proof["oauth2"]>;

it.each<[string, object, Proof, boolean]>([
  ["its claim says so", { email_verified: true }, byClaim, true],
  ["its claim says so as text alone", { email_verified: "true" }, byClaim, false],
  ["it says nothing", {}, byClaim, false],
  ["text will do", { xms_edov: "true" }, byText, true],
  ["the text 1 will do", { xms_edov: "1" }, byText, true],
  ["a number will do", { xms_edov: 1 }, byText, true],
  ["the number 0 does not", { xms_edov: 0 }, byText, false],
  ["another claim says so", { email_verified: true }, byText, false],
  ["it gives verified ones alone", {}, { emailProof: "always" }, true],
  ["it never says", { email_verified: true }, { emailProof: "never" }, false],
  ["configuration takes it for granted", {}, assumed, true],
  ["it says no, whatever configuration says", { email_verified: false }, assumed, false],
  ["it never says, and configuration does", {}, { emailProof: "never", assumeEmailVerified: true }, true],
  ["its domain is taken for granted", {}, { ...byClaim, assumeEmailVerified: ["company.example"] }, true],
  ["a domain above it is", {}, { ...byClaim, assumeEmailVerified: ["example"] }, false],
  ["a list of addresses had it", { email_verified: true }, { emailProof: "never", oauth2: listed }, true],
])("FF-46: an address counts or does not: %s", (_, claims, proof, expected) => {
  expect(verified(claims, proof)).toBe(expected);
});
