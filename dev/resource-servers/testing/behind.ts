import { testServices as names } from "../../../e2e/support/service-names";
import { createControlClient } from "../../provider/control-client";
import { startIdentityProviders } from "../../provider/start";
import type { ServiceId } from "../names";
import { notesIssuer } from "../notes-issuer";
import { startServices } from "../start";

export const appUrl = "http://localhost:3999";
export const client = { clientId: "daemun", clientSecret: "a-client-of-the-tests" };

type SignRequest = Parameters<ReturnType<typeof createControlClient>["sign"]>[1];
export interface TokenOptions extends Partial<Omit<SignRequest, "claims">> {
  /** On top of what a good token says; undefined leaves a claim out. */
  claims?: Record<string, unknown>;
  /** Whose key signs, and who it says it is unless `claims` says otherwise. */
  issuer?: "company" | "partner";
}

/** The sample services with their issuers, on free ports. Stop them when done. */
export async function startBehind() {
  const providers = await startIdentityProviders({
    issuers: [
      { id: "company", port: 0, clients: [] },
      { id: "partner", port: 0, clients: [] },
      notesIssuer({ names: names.notes, port: 0, appUrl, client }),
    ],
    controlPort: 0,
  });
  const { services, forApp, stop } = await startServices({ names, providers, client });
  const control = createControlClient(providers.control);
  const issuerOf = (id: string): string => providers.issuers[id]?.issuer ?? "";

  /** A token as `issuer` would sign it for 김하늘, but for what the options say. */
  const tokenOf = (audience: string, { claims, issuer = "company", header, ...how }: TokenOptions = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const good = {
      iss: issuerOf(issuer),
      sub: "haneul",
      aud: audience,
      client_id: "daemun",
      iat: now,
      exp: now + 60,
      scope: "shopping:read shopping:write store:read store:write",
    };
    return control.sign(issuer, {
      claims: JSON.parse(JSON.stringify({ ...good, ...claims })),
      header: { typ: "at+jwt", ...header },
      ...how,
    });
  };
  return {
    services,
    forApp,
    control,
    issuerOf,
    shoppingToken: (options?: TokenOptions) => tokenOf(names.orders.audience, options),
    storeToken: (options: TokenOptions = {}) =>
      tokenOf(names.stock.audience, { ...options, claims: { organization_id: "org_hanok", ...options.claims } }),
    call: (id: ServiceId<typeof names>, path: string, token: string | null, init: RequestInit = {}) => {
      const headers = new Headers(init.headers);
      if (token !== null) headers.set("authorization", `Bearer ${token}`);
      return fetch(`${services[id].url}${path}`, { redirect: "manual", ...init, headers });
    },
    async stop() {
      await stop();
      await providers.stop();
    },
  };
}

export type Behind = Awaited<ReturnType<typeof startBehind>>;

/** A JSON body as fetch wants it. */
export function posting(value: unknown): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
