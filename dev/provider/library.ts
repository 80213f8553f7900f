import * as errors from "oidc-provider/lib/helpers/errors.js";
import * as interactionPolicy from "oidc-provider/lib/helpers/interaction_policy/index.js";
import validateProof from "oidc-provider/lib/helpers/validate_dpop.js";
import { Provider } from "oidc-provider/lib/provider.js";

/**
 * The parts of `oidc-provider` that the development provider is made of, each from its own module. The package's index
 * does one thing more: every process that imports it prints that Node before 22 is not supported by its makers. Daemun
 * supports Node 20, its tests run the provider there, and docs/testing.md says so once.
 */
export { errors, interactionPolicy, Provider, validateProof };
