import { describe, expect, it } from "vitest";
import { provideEnv } from "../settings/env";
import { clientAnswer, wantsClientAnswer } from "./client-answer";

const authUrl = "https://app.example";
provideEnv({ authUrl, ownAliases: [] });

const asClient = { "X-Auth-Return-Redirect": "1" };
const request = new Request(`${authUrl}/api/auth/signout`, { method: "POST", headers: asClient });
const leadingTo = (location: string) => new Response(null, { status: 303, headers: { Location: location } });
const answer = async (path: string[], location: string) =>
  (await clientAnswer(request, path, leadingTo(location))).json();

describe("NextAuth's client", () => {
  it("is told where a sign-in goes on, and of a sign-out nothing but an address of this app", async () => {
    const provider = "https://company.example/session/end?id_token_hint=e30";
    expect(await answer(["signin", "company"], "https://company.example/auth")).toEqual({
      url: "https://company.example/auth",
    });
    expect(await answer(["signout"], "/club")).toEqual({ url: `${authUrl}/club` });
    for (const location of [provider, "//company.example/", "https://app.example.evil.test/"])
      expect(await answer(["signout"], location)).toEqual({ url: `${authUrl}/signed-out` });
  });

  it.each<[what: string, headers: Record<string, string>, action: string, wants: boolean]>([
    ["by fetch", { "Sec-Fetch-Mode": "cors" }, "signout", true],
    ["in a browser that says nothing of it", { Accept: "*/*" }, "signin", true],
    ["for something else", { "Sec-Fetch-Mode": "cors" }, "callback", false],
    ["as a navigation", { "Sec-Fetch-Mode": "navigate" }, "signout", false],
    ["as a navigation of a browser that says nothing of it", { Accept: "text/html" }, "signin", false],
  ])("is who asks %s", (_, headers, action, wants) => {
    expect(wantsClientAnswer(new Headers({ ...asClient, ...headers }), action)).toBe(wants);
  });
});
