import { serve } from "../registry/serve";
import { timed } from "../registry/timed";
import { operations } from "./operations";

const requests = { carryOut: timed(operations) };
export type SessionRequests = typeof requests;
serve(requests);
