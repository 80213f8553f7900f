import "server-only";
import { callService, ServiceError, type ServiceId } from "@/auth";
import { codeOf, type Listing, toListing } from "./listing";

interface ReadOptions<T> {
  /** The name of the list in the answer. */
  list: string;
  parse: (value: unknown) => T | null;
  organization?: string;
}

/** Asks a service for a list, on behalf of whoever is asking. Never throws what a page can say. */
export async function readListing<T>(
  service: ServiceId,
  path: string,
  { list, parse, organization }: ReadOptions<T>,
): Promise<Listing<T>> {
  try {
    const response = await callService(service, path, organization === undefined ? {} : { organization });
    if (response.ok) return toListing(await response.json().catch(() => null), list, parse);
    await response.body?.cancel();
    return { kind: "failed", code: codeOf(response.status) };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    // Nobody's token but for an organization is refused before the service is asked.
    const isNoMember = error.code === "forbidden" && organization !== undefined;
    return { kind: "failed", code: isNoMember ? "unknown_organization" : error.code };
  }
}
