import { setTimeout as sleep } from "node:timers/promises";
import { decodeJwt } from "jose";
import type { ServiceRequest } from "../../dev/resource-servers/control/journal";
import type { StartedApp } from "../support/start-app";
import type { Served } from "./history";
import {
  followGrants,
  type Refresh,
  type Rotation,
  sha256,
  summarizeRequest,
  summarizeResponse,
  type TokenRequest,
  type TokenResponse,
} from "./provider-facts";

export interface Collected {
  refreshes: Refresh[];
  rotations: Rotation[];
  served: Served[];
}

const everyMs = 2_000;

/** Reads the journals of provider and services while they grow: they forget, and a long run is longer than their memory. */
export class Collector {
  readonly #requests = new Map<number, TokenRequest>();
  readonly #responses: TokenResponse[] = [];
  readonly #served: Served[] = [];
  #requestsSince = 0;
  #responsesSince = 0;
  #servedSince = 0;
  #isOver = false;
  readonly #running: Promise<void>;

  constructor(readonly app: StartedApp) {
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await this.#read();
      await sleep(everyMs);
    }
  }

  /** Reads the rest, and says what it comes to. */
  async finish(): Promise<Collected> {
    this.#isOver = true;
    await this.#running;
    await this.#read();
    const inOrder = [...this.#requests.values()].sort((a, b) => a.seq - b.seq);
    return { ...followGrants(inOrder, this.#responses), served: this.#served };
  }

  async #read(): Promise<void> {
    const { control, services } = this.app;
    const requests = await control.journal("company", { endpoint: "token", since: this.#requestsSince });
    for (const entry of requests) this.#requests.set(entry.seq, summarizeRequest(entry));
    // One that was not over is read again, and all after it.
    const open = requests.find(({ endedAt }) => endedAt === null);
    this.#requestsSince = (open ? open.seq - 1 : requests.at(-1)?.seq) ?? this.#requestsSince;
    for (const entry of await control.issued("company", { since: this.#responsesSince })) {
      this.#responsesSince = entry.seq;
      if (entry.kind === "token_response") this.#responses.push(summarizeResponse(entry));
    }
    const calls = services.shopping.control.journal(this.#servedSince);
    this.#servedSince = calls.at(-1)?.seq ?? this.#servedSince;
    this.#served.push(...calls.flatMap((call) => servedOf(call) ?? []));
  }
}

function servedOf({ rawHeaders }: ServiceRequest): Served | null {
  const header = (name: string) =>
    rawHeaders[rawHeaders.findIndex((text, at) => at % 2 === 0 && text.toLowerCase() === name) + 1];
  const token = header("authorization")?.replace(/^Bearer /, "");
  const [session, begin] = header("x-trace")?.split(".") ?? [];
  if (!token || !session) return null;
  return {
    session,
    userId: header("x-forwarded-user") ?? "",
    sub: decodeJwt(token).sub ?? "",
    sha256: sha256(token),
    begin: Number(begin),
  };
}
