import tests from "@/e2e/support/daemun.config";
import { defineConfig, type Service } from "@/edge/config";

const withPage = ([id, service]: [string, Service]) => [id, { ...service, page: `/services/${id}` }] as const;

/** The tests' configuration in a build that has the sample's pages. */
export default defineConfig({
  ...tests,
  services: Object.fromEntries(Object.entries(tests.services).map(withPage)),
});
