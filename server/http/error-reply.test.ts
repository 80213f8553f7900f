import { describe, expect, it } from "vitest";
import { errorJson, failedReply, failureJson } from "./error-reply";

const asked = (headers: Record<string, string>) => new Request("http://localhost:3000/x", { method: "POST", headers });

describe("what was asked for and did not happen", () => {
  it("is a failure with a body for a navigation, or a browser would not go on to the page that explains it", async () => {
    const answered = failedReply(asked({ "Sec-Fetch-Mode": "navigate" }), "logout_incomplete");
    expect([answered.status, answered.headers.get("location")]).toEqual([503, null]);
    expect(answered.headers.get("refresh")).toBe("0; url=/auth-error?code=logout_incomplete");
    expect(answered.headers.get("retry-after")).toBe("5");
    expect(answered.headers.get("cache-control")).toBe("private, no-store");
    expect(answered.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await answered.text()).toContain('<a href="/auth-error?code=logout_incomplete">');
  });

  it("is JSON for a fetch", async () => {
    const answered = failedReply(asked({ "Sec-Fetch-Mode": "cors" }), "logout_incomplete");
    expect([answered.status, answered.headers.get("refresh")]).toEqual([503, null]);
    expect(await answered.json()).toMatchObject({ error: "logout_incomplete" });
  });
});

describe("when to try again", () => {
  it("is what is known, in whole seconds and never at once, else what the code alone says, else nothing", () => {
    const retryAfter = (response: Response) => response.headers.get("retry-after");
    expect(retryAfter(errorJson("provider_unavailable", { retryAfterSeconds: 7 }))).toBe("7");
    expect(retryAfter(failureJson({ code: "provider_timeout", retryAfterSeconds: 0.2 }))).toBe("1");
    expect(retryAfter(errorJson("database_unavailable"))).toBe("5");
    expect(retryAfter(failureJson({ code: "reauthentication_required" }))).toBeNull();
    expect(retryAfter(failedReply(asked({ "Sec-Fetch-Mode": "navigate" }), "forbidden"))).toBeNull();
  });
});
