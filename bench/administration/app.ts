import { serve } from "../registry/serve";
import { timed } from "../registry/timed";
import { operations } from "./operations";

const requests = { carryOut: timed(operations) };
export type AdministrationRequests = typeof requests;
serve(requests);
