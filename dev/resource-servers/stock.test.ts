import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Behind, posting, startBehind, type TokenOptions } from "./testing/behind";

let behind: Behind;
beforeAll(async () => {
  behind = await startBehind();
});
afterAll(() => behind.stop());
afterEach(async () => {
  await behind.services.store.control.reset();
  await behind.control.reset("company");
});

const ask = async (options?: TokenOptions, init?: RequestInit) =>
  behind.call("store", "/inventory", await behind.storeToken(options), init);

describe("the store", () => {
  it("keeps one inventory an organization, whoever of it writes", async () => {
    const beam = { item: "Pine beam", quantity: 12 };
    expect((await ask({}, posting(beam))).status).toBe(201);
    await ask({ claims: { sub: "minsu" } }, posting({ ...beam, quantity: 11 }));
    expect(await (await ask()).json()).toEqual({ organization: "org_hanok", items: [{ ...beam, quantity: 11 }] });
    const other = await ask({ claims: { organization_id: "org_maru" } });
    expect(await other.json()).toEqual({ organization: "org_maru", items: [] });
  });

  it("refuses a token in the name of no organization", async () => {
    for (const organization of [undefined, "", 7, ["org_hanok"]]) {
      const answer = await ask({ claims: { organization_id: organization } });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
    }
  });

  it("refuses an organization's own token, which is for another API", async () => {
    const answer = await ask({ claims: { aud: "urn:logto:organization:org_hanok" } });
    expect(answer.status).toBe(401);
  });

  it("refuses to write what makes no sense, and for whom the scope is not there", async () => {
    expect((await ask({}, posting({ item: "Pine beam", quantity: -1 }))).status).toBe(422);
    const readOnly = await ask({ claims: { scope: "store:read" } }, posting({ item: "Pine beam", quantity: 1 }));
    expect(readOnly.status).toBe(403);
    expect(readOnly.headers.get("www-authenticate")).toContain('scope="store:write"');
  });

  it("asks the issuer who still belongs to an organization, when told to", async () => {
    const minsu = { claims: { sub: "minsu" } };
    await behind.control.changeUser("company", "minsu", { organizations: [] });
    expect((await ask(minsu)).status).toBe(200); // a JWT says what was true when it was issued
    behind.services.store.control.setMembershipCheck(true);
    expect((await ask(minsu)).status).toBe(401);
    expect((await ask({ claims: { sub: "nobody" } })).status).toBe(401);
    // 김하늘's token in the name of an organization that she is not in.
    expect((await ask({ claims: { organization_id: "org_dari" } })).status).toBe(401);
    expect((await ask()).status).toBe(200);
    await behind.services.store.control.reset();
    expect((await ask(minsu)).status).toBe(200);
  });

  it("refuses the same subject of an issuer whose person does not belong", async () => {
    behind.services.store.control.setMembershipCheck(true);
    expect((await ask({ issuer: "partner" })).status).toBe(401);
  });
});
