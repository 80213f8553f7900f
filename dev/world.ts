import { join } from "node:path";
import { loadEnvFiles } from "../prisma/load-env-files";
import { migrate } from "../prisma/migrate";
import { appEnvironment, clientAddresses } from "./app-environment";
import { root } from "./build";
import { type IdentityProviders, startIdentityProviders } from "./identity-provider/start";
import { findPortFaults, type NamedPort, readPort } from "./ports";
import { clearLeftoverPostgres, startPostgres } from "./postgres";
import { keepSecrets, type Secrets } from "./secrets";
import { notesIssuer } from "./services/notes-issuer";
import { type ServiceId, type StartedServices, startServices } from "./services/start";

const dataFolder = join(root, ".data");
const postgresFolder = join(dataFolder, "postgres");

/** The development providers, in the order of the sign-in page. */
export const developmentProviders = [
  { id: "company", name: "Company", variable: "DEV_COMPANY_PORT", port: 4001 },
  { id: "partner", name: "Partner", variable: "DEV_PARTNER_PORT", port: 4002 },
] as const;

/** The sample services behind the house. */
export const sampleServices = [
  { id: "shopping", name: "Shopping", variable: "DEV_SHOPPING_PORT", port: 4031 },
  { id: "store", name: "Store", variable: "DEV_STORE_PORT", port: 4032 },
  { id: "notes", name: "Notes", variable: "DEV_NOTES_PORT", port: 4033 },
] as const satisfies readonly { id: ServiceId; name: string; variable: string; port: number }[];

/** What will be started, and where. */
export interface WorldPlan {
  port: number;
  appUrl: string;
  /** Absent where `DATABASE_URL` names a database. */
  postgresPort?: number;
  /** Absent where the environment names its own providers. */
  providers?: { ports: Record<string, number>; controlPort: number };
  /** Absent likewise: no other provider's tokens open them. */
  services?: { ports: Record<ServiceId, number>; notesIssuerPort: number };
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
export async function planWorld(): Promise<WorldPlan> {
  loadEnvFiles(root);
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
  if (!namesProviders(process.env)) {
    const control = readPort("DEV_CONTROL_PORT", "the identity providers' control API", 4010);
    const issuers = developmentProviders.map(({ id, name, variable, port }) => ({
      id,
      ...readPort(variable, `the identity provider ${name}`, port),
    }));
    plan.providers = {
      ports: Object.fromEntries(issuers.map(({ id, port }) => [id, port])),
      controlPort: control.port,
    };
    const services = sampleServices.map(({ id, name, variable, port }) => ({
      id,
      ...readPort(variable, `the sample service ${name}`, port),
    }));
    const notes = readPort("DEV_NOTES_ISSUER_PORT", "the authorization server of the sample service Notes", 4003);
    plan.services = {
      ports: Object.fromEntries(services.map(({ id, port }) => [id, port])) as Record<ServiceId, number>,
      notesIssuerPort: notes.port,
    };
    ports.push(...issuers, control, ...services, notes);
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
    await migrate(databaseUrl);
    const identityProviders = plan.providers && (await startProviders(plan, secrets));
    if (identityProviders) started.push(identityProviders.stop);
    const services = identityProviders && (await startSampleServices(plan, secrets, identityProviders));
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
        return issuer ? [{ id, name, issuer, clientId: "daemun", clientSecret: secrets.clientSecret }] : [];
      }),
      // One that the environment names is somebody's own.
      services: (services?.forApp ?? []).filter(({ id }) => !process.env[`SERVICE_${id.toUpperCase()}_URL`]),
    });
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

function startSampleServices(
  { services }: WorldPlan,
  { clientSecret }: Secrets,
  providers: IdentityProviders,
): Promise<StartedServices> {
  const client = { clientId: "daemun", clientSecret };
  return startServices({ providers, client, ...(services && { ports: services.ports }) });
}

function startProviders(
  { appUrl, providers, services }: WorldPlan,
  { clientSecret, controlSecret }: Secrets,
): Promise<IdentityProviders> {
  const client = { clientId: "daemun", clientSecret };
  const signIn = developmentProviders.map(({ id, port }) => ({
    id,
    port: providers?.ports[id] ?? port,
    clients: [
      { ...client, name: "Daemun", ...clientAddresses(appUrl, id) },
      // Another app of the same company: signing in there is silent after signing in here.
      {
        clientId: "second-app",
        clientSecret,
        name: "Second app",
        redirectUris: ["http://localhost:4020/callback"],
        postLogoutRedirectUris: ["http://localhost:4020/"],
      },
    ],
  }));
  const notes = notesIssuer({ port: services?.notesIssuerPort ?? 0, appUrl, client });
  return startIdentityProviders({
    issuers: [...signIn, notes],
    controlPort: providers?.controlPort ?? 0,
    controlSecret,
  });
}
