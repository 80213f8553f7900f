import { join } from "node:path";
import { providerIds } from "../../cli/urls";
import type { Configuration } from "../../edge/config";
import { loadEnvFiles } from "../../prisma/load-env-files";
import { migrate } from "../../prisma/migrate";
import { clearLeftoverPostgres, startPostgres } from "../postgres/postgres";
import { findPortFaults, type NamedPort, readPort } from "../process/ports";
import { firstParty } from "../provider/client-registration";
import type { Resources } from "../provider/permissions";
import { type IdentityProviders, startIdentityProviders, type UserInput } from "../provider/start";
import { plainUsers } from "../provider/users";
import { appEnvironment, clientAddresses } from "./app-environment";
import { root } from "./build";
import { loadConfiguration, loadSample, type Sample } from "./sample";
import { keepSecrets, type Secrets } from "./secrets";

const dataFolder = join(root, ".data");
const postgresFolder = join(dataFolder, "postgres");

/** The development providers, in the order of the sign-in page. */
export const developmentProviders = [
  { id: "company", name: "Company", variable: "DEV_COMPANY_PORT", port: 4001 },
  { id: "partner", name: "Partner", variable: "DEV_PARTNER_PORT", port: 4002 },
] as const;

/** What will be started, and where. */
export interface WorldPlan {
  port: number;
  appUrl: string;
  /** Absent where `DATABASE_URL` names a database. */
  postgresPort?: number;
  /** The ids of the providers that the environment names. */
  ownProviders?: string[];
  /** Absent where the environment names its own providers, and does not say `DEV_PROVIDERS=1`. */
  providers?: { ports: Record<string, number>; controlPort: number };
  /** Absent likewise, since no other provider's tokens open its services, and where it has been removed. */
  sample?: { kit: Sample; ports: Record<string, number> };
}

export interface World {
  plan: WorldPlan;
  /** What the app has to be told, without `NODE_ENV`. */
  env: Record<string, string>;
  identityProviders?: IdentityProviders;
  stop(): Promise<void>;
}

/**
 * Reads the environment and `.env` files, and looks whether all that will be started can be.
 *
 * @throws Error that names every port in the way and the variable that changes it; nothing has been started then
 */
export async function planWorld(mode: "demo" | "dev"): Promise<WorldPlan> {
  loadEnvFiles({ directory: root, development: mode === "dev" });
  const app = readPort("PORT", "the app", 3000);
  const plan: WorldPlan = { port: app.port, appUrl: process.env.AUTH_URL || `http://localhost:${app.port}` };
  const ports: NamedPort[] = [app];
  if (!process.env.DATABASE_URL) {
    const postgres = readPort("DEV_POSTGRES_PORT", "PostgreSQL", 54329);
    // One that a killed launcher left behind holds the port that is asked for below.
    await clearLeftoverPostgres(postgresFolder);
    plan.postgresPort = postgres.port;
    ports.push(postgres);
  }
  if (namesProviders(process.env)) plan.ownProviders = providerIds(process.env);
  if (!plan.ownProviders || process.env.DEV_PROVIDERS === "1") {
    const control = readPort("DEV_CONTROL_PORT", "the identity providers' control API", 4010);
    const issuers = developmentProviders.map(({ id, name, variable, port }) => ({
      id,
      ...readPort(variable, `the identity provider ${name}`, port),
    }));
    plan.providers = {
      ports: Object.fromEntries(issuers.map(({ id, port }) => [id, port])),
      controlPort: control.port,
    };
    ports.push(...issuers, control);
    const kit = await loadSample();
    if (kit) {
      const own = kit.ports.map(({ id, variable, label, port }) => ({ id, ...readPort(variable, label, port) }));
      plan.sample = { kit, ports: Object.fromEntries(own.map(({ id, port }) => [id, port])) };
      ports.push(...own);
    }
  }
  const faults = await findPortFaults(ports);
  if (faults.length > 0) throw new Error(faults.join("\n"));
  return plan;
}

/** Starts the database, the identity providers and the services, migrates, and resolves with what the app has to be told. */
export async function startWorld(plan: WorldPlan): Promise<World> {
  const secrets = keepSecrets(join(dataFolder, "secrets.json"));
  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    let databaseUrl = process.env.DATABASE_URL ?? "";
    if (plan.postgresPort !== undefined) {
      const postgres = await startPostgres({ dataDir: postgresFolder, port: plan.postgresPort });
      started.push(postgres.stop);
      databaseUrl = postgres.url;
    }
    await migrate(process.env.DIRECT_URL || databaseUrl);
    const identityProviders = plan.providers && (await startProviders(plan, secrets));
    if (identityProviders) started.push(identityProviders.stop);
    const client = { clientId: "daemun", clientSecret: secrets.clientSecret };
    const services =
      identityProviders &&
      (await plan.sample?.kit.start({
        appUrl: plan.appUrl,
        ports: plan.sample.ports,
        client,
        providers: identityProviders,
      }));
    if (services) started.push(services.stop);
    const env = appEnvironment({
      port: plan.port,
      authUrl: plan.appUrl,
      databaseUrl,
      secrets: {
        authSecret: process.env.AUTH_SECRET || secrets.authSecret,
        vaultKeys: process.env.VAULT_KEYS || secrets.vaultKeys,
      },
      providers: developmentProviders.flatMap(({ id, name }) => {
        const issuer = identityProviders?.issuers[id]?.issuer;
        return issuer ? [{ id, name, issuer, ...client }] : [];
      }),
      // One that the environment names is somebody's own.
      services: (services?.forApp ?? []).filter(({ id }) => !process.env[`SERVICE_${id.toUpperCase()}_URL`]),
    });
    if (plan.ownProviders) {
      env.AUTH_PROVIDERS = [...new Set([...plan.ownProviders, ...Object.keys(plan.providers?.ports ?? {})])].join(",");
    }
    return { plan, env, ...(identityProviders && { identityProviders }), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Whether the environment says who signs people in. */
function namesProviders(source: NodeJS.ProcessEnv): boolean {
  return Object.entries(source).some(([name, value]) => value && /^AUTH_(?:PROVIDERS|[A-Z0-9_]+_ID)$/.test(name));
}

/** Who is at a development provider: the sample's users, else an admin and a member. */
export function usersOf({ sample }: WorldPlan, issuerId: string): UserInput[] {
  return sample ? sample.kit.users(issuerId) : plainUsers;
}

/** The APIs of the configuration that an issuer gives access to, with their scopes. */
function resourcesAt({ resources }: Configuration, issuerId: string): Resources {
  const known = resources.filter(({ providers }) => !providers || providers.includes(issuerId));
  return Object.fromEntries(known.map(({ indicator, scopes }) => [indicator, scopes]));
}

async function startProviders(plan: WorldPlan, { clientSecret, controlSecret }: Secrets): Promise<IdentityProviders> {
  const { appUrl, providers, sample } = plan;
  const client = { clientId: "daemun", clientSecret };
  const configuration = await loadConfiguration(sample !== undefined);
  const signIn = developmentProviders.map(({ id, port }) => ({
    id,
    port: providers?.ports[id] ?? port,
    users: usersOf(plan, id),
    resources: resourcesAt(configuration, id),
    clients: [
      { ...client, ...firstParty, name: "Daemun", ...clientAddresses(appUrl, id) },
      // Another app of the same company: signing in there is silent after signing in here.
      {
        ...firstParty,
        clientId: "second-app",
        clientSecret,
        name: "Second app",
        redirectUris: ["http://localhost:4020/callback"],
        postLogoutRedirectUris: ["http://localhost:4020/"],
      },
    ],
  }));
  const others = sample ? sample.kit.issuers({ ports: sample.ports, appUrl, client }) : [];
  return startIdentityProviders({
    issuers: [...signIn, ...others],
    controlPort: providers?.controlPort ?? 0,
    controlSecret,
  });
}
