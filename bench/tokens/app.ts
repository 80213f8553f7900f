import { serve } from "../registry/serve";
import { timed } from "../registry/timed";
import { askProvider, callAtOnce, signInAgainLater, signOut } from "./callers";
import { operations } from "./operations";
import { raceReads } from "./reads";

const requests = { carryOut: timed(operations), raceReads, askProvider, signInAgainLater, signOut, callAtOnce };
export type TokenRequests = typeof requests;
serve(requests);
