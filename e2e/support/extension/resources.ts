import { resourcesOf } from "../../../dev/resource-servers/start";
import { testServices } from "../service-names";

/** The API that docs/extending.md adds. */
export const reportsResource = "https://reports.example/api";

/** The APIs of the extended build, with their scopes. */
export const extendedResources = { ...resourcesOf(testServices), [reportsResource]: ["reports:read"] };
