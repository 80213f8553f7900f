import { serve } from "../registry/serve";
import { timed } from "../registry/timed";
import { askProvider, callAtOnce, comeBackLater, leave } from "./callers";
import { operations } from "./operations";
import { raceReads } from "./reads";

const requests = { carryOut: timed(operations), raceReads, askProvider, comeBackLater, leave, callAtOnce };
export type TokenRequests = typeof requests;
serve(requests);
