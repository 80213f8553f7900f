import { startTestServers } from "./test-servers";

/**
 * Starts what the browser tests need besides the app, once for a whole run. Workers find it with `testServers()`.
 * The production build has to be there: `npm test` and `npm run test:e2e` make it.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const { stop, ...servers } = await startTestServers();
  process.env.DAEMUN_TEST_SERVERS = JSON.stringify(servers);
  return stop;
}
