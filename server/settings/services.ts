import "server-only";
import daemun from "@/daemun.config";
import type { Service, ServiceIdOf } from "@/edge/config";
import { isLoopbackHost } from "./loopback";

/** A service of `daemun.config.ts`, by its id; any text where it names none. One that is not set up is `unknown_service`. */
export type ServiceId = ServiceIdOf<typeof daemun>;

/** A service as configuration and environment give it. Holds a client secret: never log it. */
export interface ServiceSettings extends Omit<Service, "baseUrl"> {
  id: string;
  /** Without a slash at its end. */
  baseUrl: string;
  /** For a service that people connect. */
  client: ServiceClient | null;
}

export interface ServiceClient {
  clientId: string;
  clientSecret: string;
  /** Null where `daemun.config.ts` names the endpoints. */
  issuer: string | null;
}

type Source = Readonly<Record<string, string | undefined>>;

/**
 * The services that are set up: those with a base URL and, where people connect them, a client. The others are as if they
 * were not there: what ships with the demo must keep nobody from deploying. Adds to `faults` what is set up by half.
 */
export function readServices(
  source: Source,
  { allowHttpLoopback }: { allowHttpLoopback: boolean },
  faults: string[],
  services: Readonly<Record<string, Service>> = daemun.services,
): ServiceSettings[] {
  return Object.entries(services).flatMap(([id, service]) => {
    const prefix = servicePrefix(id);
    const read = (name: string) => source[`${prefix}_${name}`] || undefined;
    const isAddress = (text: string) => isServiceAddress(text, allowHttpLoopback);
    const baseUrl = read("URL") ?? service.baseUrl;
    if (baseUrl !== undefined && !isAddress(baseUrl) && !(service.allowHttp && isPlainAddress(baseUrl))) {
      faults.push(
        `${prefix}_URL must be an https address without query (http on loopback in development, or with allowHttp: true in daemun.config.ts).`,
      );
      return [];
    }
    const isClient = service.authentication.kind === "client";
    const client = isClient ? readClient(prefix, read, service, isAddress, faults) : null;
    if (client && baseUrl === undefined) faults.push(`${prefix}_URL is missing: where the service is.`);
    if (baseUrl === undefined || (isClient && !client)) return [];
    return [{ ...service, id, baseUrl: baseUrl.replace(/(?<!\/)\/+$/, ""), client }];
  });
}

/** What the variables of a service begin with. */
export function servicePrefix(id: string): string {
  return `SERVICE_${id.toUpperCase().replaceAll("-", "_")}`;
}

function readClient(
  prefix: string,
  read: (name: string) => string | undefined,
  { authentication }: Service,
  isAddress: (text: string) => boolean,
  faults: string[],
): ServiceClient | null {
  const [clientId, clientSecret, issuer] = [read("ID"), read("SECRET"), read("ISSUER")];
  if (!clientId && !clientSecret && !issuer && !read("URL")) return null;
  if (!clientId) faults.push(`${prefix}_ID is missing: the client id that the service gave this app.`);
  if (!clientSecret) faults.push(`${prefix}_SECRET is missing: the client secret that the service gave this app.`);
  const endpoints = authentication.kind === "client" && endpointsOf(authentication);
  const hasEndpoints = endpoints && Boolean(endpoints.authorizationEndpoint && endpoints.tokenEndpoint);
  if (!issuer && !hasEndpoints)
    faults.push(`${prefix}_ISSUER is missing, and daemun.config.ts names no endpoints in its place.`);
  if (issuer && !isAddress(issuer)) faults.push(`${prefix}_ISSUER must be an https address without query.`);
  for (const [name, address] of Object.entries(endpoints || {})) {
    // Its query, too, is the operator's own.
    if (!issuer && address !== undefined && !isAddress(address.split("?", 1)[0] ?? ""))
      faults.push(`daemun.config.ts: the ${name} that ${prefix}_… is for must be an https address.`);
  }
  return clientId && clientSecret ? { clientId, clientSecret, issuer: issuer ?? null } : null;
}

type ClientAuthentication = Extract<Service["authentication"], { kind: "client" }>;

function endpointsOf({
  authorizationEndpoint,
  tokenEndpoint,
  revocationEndpoint,
  userinfoEndpoint,
}: ClientAuthentication) {
  return { authorizationEndpoint, tokenEndpoint, revocationEndpoint, userinfoEndpoint };
}

/** The services whose calls, tokens among them, go over the network in the clear, because configuration says so. */
export function plainHttpServices(services: readonly ServiceSettings[]): ServiceSettings[] {
  return services.filter(({ baseUrl }) => baseUrl.startsWith("http:") && !isLoopbackHost(new URL(baseUrl).hostname));
}

function isServiceAddress(text: string, allowHttpLoopback: boolean): boolean {
  if (isPlainAddress(text)) return allowHttpLoopback && isLoopbackHost(new URL(text).hostname);
  return isAddressOf("https:", text);
}

function isPlainAddress(text: string): boolean {
  return isAddressOf("http:", text);
}

function isAddressOf(protocol: "http:" | "https:", text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.protocol === protocol && !url.search && !url.hash && !url.username && !url.password;
}
