import type { AppService } from "../app-environment";
import { createControlClient } from "../identity-provider/control-client";
import type { IdentityProviders } from "../identity-provider/start";
import type { StoreControl } from "./control/control";
import { notesService } from "./notes";
import { introspector } from "./notes-issuer";
import { openService, type RunningService } from "./open-service";
import { shoppingAudience, shoppingService } from "./shopping";
import { storeAudience, storeService } from "./store";
import type { IsMember } from "./tokens/access-token";
import { introspectionVerifier } from "./tokens/introspection-verifier";
import { jwtVerifier } from "./tokens/jwt-verifier";

export interface StartServicesOptions {
  /** Running, `notes` among them (notes-issuer.ts). The tokens of all others open `shopping` and `store`. */
  providers: Pick<IdentityProviders, "issuers" | "control">;
  /** The app's registration at the issuer `notes`. */
  client: { clientId: string; clientSecret: string };
  /** 0, or none, takes any free port. */
  ports?: Partial<Record<ServiceId, number>>;
}

/** The services that stand in for those behind the house. */
export interface SampleServices {
  shopping: RunningService;
  store: RunningService<StoreControl>;
  notes: RunningService;
}
export type ServiceId = keyof SampleServices;

export interface StartedServices {
  services: SampleServices;
  /** What the app has to be told: see `appEnvironment`. */
  forApp: AppService[];
  stop(): Promise<void>;
}

/**
 * Starts the sample services in this process, on loopback. They ask an issuer for nothing before the first token.
 *
 * @throws Error when NODE_ENV is `production`, unless DAEMUN_DEMO is `1`; and when a port is taken
 */
export async function startServices({ providers, client, ports = {} }: StartServicesOptions): Promise<StartedServices> {
  if (process.env.NODE_ENV === "production" && process.env.DAEMUN_DEMO !== "1") {
    throw new Error("The sample services do what tests tell them. They do not start with NODE_ENV=production.");
  }
  const { notes: third, ...signIn } = providers.issuers;
  if (!third) throw new Error("The issuer notes is not there.");
  const issuers = Object.values(signIn).map(({ issuer }) => issuer);
  let checksMembership = false;
  const definitions = {
    shopping: shoppingService(jwtVerifier({ issuers, audience: shoppingAudience })),
    store: storeService({
      verify: jwtVerifier({ issuers, audience: storeAudience }),
      isMember: membershipAt(providers),
      checksMembership: () => checksMembership,
    }),
    notes: notesService(introspectionVerifier({ issuer: third.issuer, ...introspector })),
  };
  const opened = await Promise.allSettled([
    openService(definitions.shopping, ports.shopping ?? 0),
    openService(definitions.store, ports.store ?? 0),
    openService(definitions.notes, ports.notes ?? 0),
  ]);
  const stop = async () => {
    await Promise.all(opened.map((result) => (result.status === "fulfilled" ? result.value.stop() : undefined)));
  };
  const [shopping, store, notes] = opened;
  if (shopping.status !== "fulfilled" || store.status !== "fulfilled" || notes.status !== "fulfilled") {
    await stop();
    throw opened.find((result) => result.status === "rejected")?.reason;
  }
  const control: StoreControl = {
    ...store.value.control,
    setMembershipCheck: (on) => {
      checksMembership = on;
    },
    reset: async () => {
      checksMembership = false;
      await store.value.control.reset();
    },
  };
  const services = { shopping: shopping.value, store: { ...store.value, control }, notes: notes.value };
  const forApp: AppService[] = [
    { id: "shopping", url: services.shopping.url },
    { id: "store", url: services.store.url },
    { id: "notes", url: services.notes.url, client: { issuer: third.issuer, ...client } },
  ];
  return { services, forApp, stop };
}

// A JWT says what was true when it was issued, and no provider introspects those of our kind: the control API knows.
function membershipAt({ issuers, control }: Pick<IdentityProviders, "issuers" | "control">): IsMember {
  const client = createControlClient(control);
  return async ({ iss, sub }, organization) => {
    const id = Object.keys(issuers).find((name) => issuers[name]?.issuer === iss);
    const person = (id === undefined ? [] : await client.people(id)).find((someone) => someone.sub === sub);
    return person?.organizations.some((membership) => membership.id === organization) ?? false;
  };
}
