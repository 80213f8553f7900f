import type { StockService } from "../stock";
import type { ServiceFaultInput, ServiceFaultRule } from "./faults";
import type { ServiceRequest } from "./journal";

/** Drives one running service, from the process that started it. */
export interface ServiceControl {
  /** The requests that arrived, oldest first: with a `seq` above `since`, or all. */
  journal(since?: number): ServiceRequest[];
  clearJournal(): void;
  /** Makes the service misbehave at its next requests. Throws a ZodError for what is no fault. */
  addFault(rule: ServiceFaultInput): ServiceFaultRule;
  /** The faults that wait. */
  faults(): ServiceFaultRule[];
  /** Takes back one fault, or all of them. */
  clearFaults(id?: number): void;
  /** Closes the port and every connection: whoever calls is refused. */
  refuseConnections(): Promise<void>;
  /** Opens the same port again. */
  acceptConnections(): Promise<void>;
  /** Back to how it was started: no journal, no faults, nothing kept, listening. */
  reset(): Promise<void>;
}

export type StockControl = ServiceControl & Pick<StockService, "setMembershipCheck">;
