import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ErrorCode } from "@/auth";
import { type Answer, callProxy } from "./call-proxy";
import { type Listing, type Place, toListing } from "./listing";

interface ListingOptions<T> {
  place: Place;
  path: string;
  /** The name of the list in the answer. */
  list: string;
  parse: (value: unknown) => T | null;
  /** As the server read it when it made the page. */
  initial: Listing<T>;
}

/** A service's list in the browser: as the server read it, until the person changes something or loads it again. */
export function useListing<T>({ place, path, list, parse, initial }: ListingOptions<T>) {
  const router = useRouter();
  const [listing, setListing] = useState(initial);
  const [isLoading, setLoading] = useState(false);
  const [read, setRead] = useState(initial);
  // The server has read it again, after a form that was sent without a script of ours.
  if (initial !== read) {
    setRead(initial);
    setListing(initial);
  }

  async function load(): Promise<void> {
    setLoading(true);
    const answer = await callProxy(place, path);
    setListing(answer.kind === "ok" ? toListing(answer.body, list, parse) : { kind: "failed", code: reasonOf(answer) });
    setLoading(false);
    // What may be done besides was as unknown as the list.
    if (answer.kind === "ok" && initial.kind === "failed") router.refresh();
  }

  // Nobody's token but for an organization is refused before the service is asked.
  function reasonOf({ code, isOurs }: Extract<Answer, { kind: "failed" }>): ErrorCode {
    return isOurs && code === "forbidden" && place.organization !== undefined ? "unknown_organization" : code;
  }

  /** After something was changed at the service. */
  function change(how: (items: T[]) => T[]): void {
    setListing((now) => (now.kind === "list" ? { kind: "list", items: how(now.items) } : now));
    // Without a list at hand there is nothing to change: it may be had by now.
    if (listing.kind === "failed") void load();
  }

  return { listing, isLoading, load, change };
}
