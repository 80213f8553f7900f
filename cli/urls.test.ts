import { describe, expect, it } from "vitest";
import { connectAddress } from "../dev/run/app-environment";
import { connectableIds, serviceUrls } from "./urls";

describe("npm run urls", () => {
  it("names the services that people connect, and no others", () => {
    expect(connectableIds()).toEqual(["notes"]);
    expect(connectableIds(undefined, ["notes", "company"])).toEqual(["notes"]);
    expect(connectableIds(undefined, ["company"])).toEqual([]);
  });

  it("prints the address that the app is reached by when a service sends people back", () => {
    const { redirectUri } = serviceUrls("https://app.example", "notes");
    expect(redirectUri).toBe("https://app.example/api/connect/notes/callback");
    expect(redirectUri).toBe(connectAddress("https://app.example", "notes"));
  });
});
