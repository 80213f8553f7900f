import { buildForProduction, buildVariant } from "./build";

/** Integration tests talk to the production build: made once, and not at all when it is fresh. */
export default async function setup(): Promise<void> {
  await buildForProduction(buildVariant("tests"));
}
