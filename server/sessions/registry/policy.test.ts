import { describe, expect, it } from "vitest";
import { provideEnv } from "../../settings/env";
import type { ProviderSettings } from "../../settings/providers";
import { trustsAddress, trustsRoles } from "./policy";

const provide = (...ids: string[]) => provideEnv({ providers: ids.map((id) => ({ id }) as ProviderSettings) });

describe("FF-18: roles of several providers", () => {
  it("FF-18: count from those that configuration trusts, and of an only provider without a word", () => {
    provide("company", "untold");
    expect(["company", "untold"].map(trustsRoles)).toEqual([true, false]);
    provide("untold");
    expect(trustsRoles("untold")).toBe(true);
  });
});

describe("FF-46: addresses of several providers", () => {
  it("FF-46: count from those that configuration trusts, and of an only provider without a word", () => {
    const trusts = (id: string) => trustsAddress(id, "minsu@company.example");
    provide("company", "untold");
    expect(["company", "untold"].map(trusts)).toEqual([true, false]);
    provide("untold");
    expect(trusts("untold")).toBe(true);
  });
});
