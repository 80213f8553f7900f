import "server-only";
import { callbackOf, isConnectable, providerOf } from "../services/service-provider";
import { env } from "../settings/env";
import { plainHttpServices, type ServiceSettings } from "../settings/services";
import { type Finding, found } from "./findings";
import { examineProvider } from "./providers";
import { certificateFault, reasonOf } from "./said";

/** The services that are set up: whether they are there, and what they say to a call without a token. */
export async function examineServices(): Promise<Finding[]> {
  const all = await Promise.all(
    env().services.map(async (service) => {
      const issuer = isConnectable(service)
        ? examineProvider(providerOf(service), { redirectUri: callbackOf(service.id), signsIn: false })
        : [];
      const [own, server] = await Promise.all([examineService(service), issuer]);
      return [...own, ...server];
    }),
  );
  return all.flat();
}

async function examineService(service: ServiceSettings): Promise<Finding[]> {
  const { id, baseUrl } = service;
  const plain = plainHttpServices([service]).map(() => found("servicePlain", { address: baseUrl }, id));
  // A path that is one, and that only reads.
  const route = service.routes?.find(({ methods, path }) => methods.includes("GET") && !path.endsWith("*"));
  const path = route?.path ?? "/";
  const begun = Date.now();
  try {
    const status = await statusOf(baseUrl + path, service.timeoutMs ?? env().outboundTimeoutMs);
    const facts = { status, path, milliseconds: Date.now() - begun };
    if (status >= 500) return [found("serviceFailing", facts, id), ...plain];
    return [found("serviceReached", facts, id), ...plain, unasked(service, route !== undefined, facts)];
  } catch (error) {
    const reason = reasonOf(error);
    const certificate = certificateFault(reason);
    const facts = { address: baseUrl, reason, ...(certificate && { certificate }) };
    return [found(certificate ? "serviceCertificate" : "serviceAway", facts, id), ...plain];
  }
}

function unasked(
  { id, authentication }: ServiceSettings,
  hasRoute: boolean,
  facts: { status: number; path: string; milliseconds: number },
): Finding {
  if (facts.status === 401 || facts.status === 403) return found("serviceRefuses", facts, id);
  const isOpen = facts.status < 300 && hasRoute && authentication.kind !== "none";
  return found(isOpen ? "serviceOpen" : "serviceUntold", facts, id);
}

/** What it answers a call of nobody's. No redirect is followed, and nothing of the body is read. */
async function statusOf(address: string, timeoutMs: number): Promise<number> {
  const answer = await fetch(address, {
    redirect: "manual",
    cache: "no-store",
    credentials: "omit",
    signal: AbortSignal.timeout(timeoutMs),
  });
  await answer.body?.cancel();
  return answer.status;
}
