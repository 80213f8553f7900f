import { createControlClient } from "../provider/control-client";
import type { Resources } from "../provider/permissions";
import type { IdentityProviders } from "../provider/start";
import type { AppService } from "../run/app-environment";
import type { StockControl } from "./control/control";
import type { ServiceId, ServiceNames } from "./names";
import { notesService } from "./notes";
import { introspector } from "./notes-issuer";
import { openService, type RunningService } from "./open-service";
import { ordersService } from "./orders";
import { stockService } from "./stock";
import type { IsMember } from "./tokens/access-token";
import { introspectionVerifier } from "./tokens/introspection-verifier";
import { jwtVerifier } from "./tokens/jwt-verifier";

export interface StartServicesOptions<N extends ServiceNames> {
  names: N;
  /** Running, that of the notes among them (notes-issuer.ts). The tokens of all others open the orders and the stock. */
  providers: Pick<IdentityProviders, "issuers" | "control">;
  /** The app's registration at the issuer of the notes. */
  client: { clientId: string; clientSecret: string };
  /** 0, or none, takes any free port. */
  ports?: Readonly<Record<string, number>>;
}

/** The running services by their ids. */
export type RunningServices<N extends ServiceNames> = Record<ServiceId<N>, RunningService> &
  Record<N["stock"]["id"], RunningService<StockControl>>;

export interface StartedServices<N extends ServiceNames> {
  services: RunningServices<N>;
  /** What the app has to be told: see `appEnvironment`. */
  forApp: AppService[];
  stop(): Promise<void>;
}

/** The resources of services that are called so, as an issuer has to know them. */
export function resourcesOf({ orders, stock }: ServiceNames): Resources {
  return Object.fromEntries([orders, stock].map(({ audience, scopes }) => [audience, [scopes.read, scopes.write]]));
}

/**
 * Starts three services in this process, on loopback. They ask an issuer for nothing before the first token.
 *
 * @throws Error when NODE_ENV is `production`, unless DAEMUN_DEMO is `1`; and when a port is taken
 */
export async function startServices<N extends ServiceNames>(
  options: StartServicesOptions<N>,
): Promise<StartedServices<N>> {
  if (process.env.NODE_ENV === "production" && process.env.DAEMUN_DEMO !== "1") {
    throw new Error("The services of the kit do what tests tell them. They do not start with NODE_ENV=production.");
  }
  const { names, providers, client, ports = {} } = options;
  const { [names.notes.id]: third, ...signIn } = providers.issuers;
  if (!third) throw new Error(`The issuer ${names.notes.id} is not there.`);
  const issuers = Object.values(signIn).map(({ issuer }) => issuer);
  const verifierFor = (audience: string) => jwtVerifier({ issuers, audience });
  const { orders, stock, notes } = names;
  const stocked = stockService({
    verify: verifierFor(stock.audience),
    scopes: stock.scopes,
    isMember: membershipAt(providers),
  });
  const thirdParty = introspectionVerifier({ issuer: third.issuer, ...introspector });
  const opened = await Promise.allSettled([
    openService(ordersService(verifierFor(orders.audience), orders.scopes), ports[orders.id] ?? 0),
    openService(stocked, ports[stock.id] ?? 0),
    openService(notesService(thirdParty, notes.scopes), ports[notes.id] ?? 0),
  ]);
  const stop = async () => {
    await Promise.all(opened.map((result) => (result.status === "fulfilled" ? result.value.stop() : undefined)));
  };
  const [first, second, last] = opened;
  if (first.status !== "fulfilled" || second.status !== "fulfilled" || last.status !== "fulfilled") {
    await stop();
    throw opened.find((result) => result.status === "rejected")?.reason;
  }
  const control: StockControl = { ...second.value.control, setMembershipCheck: stocked.setMembershipCheck };
  // By the names that only the caller knows.
  const services = {
    [orders.id]: first.value,
    [stock.id]: { ...second.value, control },
    [notes.id]: last.value,
  } as RunningServices<N>;
  const forApp: AppService[] = [
    { id: orders.id, url: first.value.url },
    { id: stock.id, url: second.value.url },
    { id: notes.id, url: last.value.url, client: { issuer: third.issuer, ...client } },
  ];
  return { services, forApp, stop };
}

// A JWT says what was true when it was issued, and no provider introspects those of our kind: the control API knows.
function membershipAt({ issuers, control }: Pick<IdentityProviders, "issuers" | "control">): IsMember {
  const client = createControlClient(control);
  return async ({ iss, sub }, organization) => {
    const id = Object.keys(issuers).find((name) => issuers[name]?.issuer === iss);
    const user = (id === undefined ? [] : await client.users(id)).find((someone) => someone.sub === sub);
    return user?.organizations.some((membership) => membership.id === organization) ?? false;
  };
}
