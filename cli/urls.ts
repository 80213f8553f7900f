import { pathToFileURL } from "node:url";
import daemun from "@/daemun.config";
import type { Service } from "../edge/config";
import { namedProviders } from "../edge/provider-ids";
import { loadEnvFiles } from "../prisma/load-env-files";

type Source = Readonly<Record<string, string | undefined>>;

// The providers of `npm run demo`, for whoever has configured none.
const developmentProviders = ["company", "partner"];

/**
 * The ids whose addresses are wanted: those asked for, else those the environment names. A client id is not needed
 * for the ones in `AUTH_PROVIDERS`, since a provider gives one only to whoever knows these addresses.
 *
 * @throws Error for something that cannot be a provider's id
 */
export function providerIds(source: Source, asked: readonly string[] = []): string[] {
  const ids = [asked, namedProviders(source)].find((list) => list.length > 0);
  const unfit = ids?.find((id) => !/^[a-z][a-z0-9-]{0,31}$/.test(id));
  if (unfit !== undefined) {
    throw new Error(
      `"${unfit}" is no provider id: use a lower-case letter, then up to 31 lower-case letters, digits or hyphens.`,
    );
  }
  return [...new Set(ids ?? developmentProviders)];
}

/**
 * The app's public origin.
 *
 * @throws Error when `AUTH_URL` is no origin
 */
export function appOrigin(source: Source): string {
  const text = source.AUTH_URL || `http://localhost:${source.PORT || "3000"}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search || url.hash) {
    throw new Error("AUTH_URL must be an origin: scheme, host and port only.");
  }
  return url.origin;
}

/** What has to be registered at a provider. */
export function providerUrls(origin: string, id: string) {
  return {
    redirectUri: `${origin}/api/auth/callback/${id}`,
    postLogoutRedirectUri: `${origin}/signed-out`,
    backchannelLogoutUri: `${origin}/api/oidc/${id}/backchannel-logout`,
    frontchannelLogoutUri: `${origin}/api/oidc/${id}/frontchannel-logout`,
  };
}

/** The ids of the services that people connect: those asked for, else all. */
export function connectableIds(
  services: Readonly<Record<string, Service>> = daemun.services,
  asked: readonly string[] = [],
): string[] {
  const ids = Object.keys(services).filter((id) => services[id]?.authentication.kind === "client");
  return asked.length > 0 ? ids.filter((id) => asked.includes(id)) : ids;
}

/** What has to be registered at a service. */
export function serviceUrls(origin: string, id: string) {
  return { redirectUri: `${origin}/api/connect/${id}/callback` };
}

function main(asked: readonly string[]): void {
  loadEnvFiles();
  const origin = appOrigin(process.env);
  const services = connectableIds(daemun.services, asked);
  const providers = asked.filter((id) => !services.includes(id));
  // Asked for services alone, it is about no provider.
  const ids = asked.length > 0 && providers.length === 0 ? [] : providerIds(process.env, providers);
  const blocks = ids.map((id) => {
    const urls = providerUrls(origin, id);
    return [
      id,
      `  Redirect URI                ${urls.redirectUri}`,
      `  Post-sign-out redirect URI  ${urls.postLogoutRedirectUri}`,
      `  Back-channel logout URI     ${urls.backchannelLogoutUri}`,
      `  Front-channel logout URI    ${urls.frontchannelLogoutUri}`,
    ].join("\n");
  });
  const connects = services.map(
    (id) => `${id} (a service)\n  Redirect URI                ${serviceUrls(origin, id).redirectUri}`,
  );
  console.log([...blocks, ...connects].join("\n\n"));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
