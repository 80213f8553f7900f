import type { FaultKind } from "./faults";

/** One request that a service received, as it arrived. */
export interface ServiceRequest {
  seq: number;
  /** When it arrived: ISO 8601, as every time here. */
  time: string;
  method: string;
  /** The request target as it was sent: not decoded, not normalised. */
  target: string;
  /** Names and values in turn, as they were sent. */
  rawHeaders: string[];
  /** Bytes of the body that have arrived so far. */
  bodyBytes: number;
  /** Null while nothing is answered, and where a fault withheld the answer. */
  status: number | null;
  /** Bytes of the answer's body that have been handed to the connection so far. */
  sentBytes: number;
  /** The faults that were applied. */
  faults: FaultKind[];
  /** When the caller hung up before the answer was whole; null when it did not. */
  abortedAt: string | null;
  /** When it was over, one way or another; null while it runs. */
  endedAt: string | null;
}

/** Enough for any test run; a demo that runs for weeks forgets its oldest entries. */
const capacity = 10_000;

/** What a service received, in memory. */
export class ServiceJournal {
  #seq = 0;
  #requests: ServiceRequest[] = [];

  record(request: Pick<ServiceRequest, "method" | "target" | "rawHeaders">): ServiceRequest {
    this.#seq += 1;
    const entry: ServiceRequest = {
      seq: this.#seq,
      time: new Date().toISOString(),
      ...request,
      bodyBytes: 0,
      status: null,
      sentBytes: 0,
      faults: [],
      abortedAt: null,
      endedAt: null,
    };
    this.#requests.push(entry);
    // Half at once: taking the oldest off such a list each time would cost more than the rest of the request.
    if (this.#requests.length > 2 * capacity) this.#requests.splice(0, capacity);
    return entry;
  }

  /** Requests with a `seq` above `since`, oldest first, as they are now. */
  list(since = 0): ServiceRequest[] {
    return structuredClone(this.#requests.filter(({ seq }) => seq > since));
  }

  /** Forgets all. Sequence numbers go on, so that a remembered `since` stays meaningful. */
  clear(): void {
    this.#requests = [];
  }
}
