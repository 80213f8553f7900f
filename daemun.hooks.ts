import "server-only";
import { defineHooks } from "@/edge/hooks";

/** What this app decides in code of its own, such as who may sign in: docs/extending.md. */
export default defineHooks({});
