import type { KeycloakRealm } from "./keycloak-admin";

interface Execution {
  id: string;
  requirement: string;
  displayName: string;
  providerId?: string;
}

/**
 * Makes a realm know two levels of authentication: name and password, and the password once more, which stands here for a
 * second factor.
 *
 * Source: Keycloak's server administration guide, "Creating a browser login flow with step-up mechanism".
 * @param names what the levels are called in `acr`, the weaker first
 */
export async function addLevels({ ask, change }: KeycloakRealm, names: readonly [string, string]): Promise<void> {
  const flows = "/authentication/flows";
  const executions = (flow: string) => `${flows}/${encodeURIComponent(flow)}/executions`;
  const require = async (flow: string, requirement: string, of: (execution: Execution) => boolean) => {
    const found = (await ask<Execution[]>("GET", executions(flow))).find(of);
    if (!found) throw new Error(`The flow ${flow} lacks a step.`);
    await ask("PUT", executions(flow), { ...found, requirement });
    return found.id;
  };
  const addStep = async (flow: string, provider: string, requirement = "REQUIRED") => {
    await ask("POST", `${executions(flow)}/execution`, { provider });
    return require(flow, requirement, ({ providerId }) => providerId === provider);
  };
  const addFlow = async (flow: string, alias: string, requirement: string) => {
    const added = { alias, type: "basic-flow", provider: "registration-page-form", description: alias };
    await ask("POST", `${executions(flow)}/flow`, added);
    await require(flow, requirement, ({ displayName }) => displayName === alias);
  };
  await ask("POST", flows, { alias: "levels", providerId: "basic-flow", topLevel: true, builtIn: false });
  await addStep("levels", "auth-cookie", "ALTERNATIVE");
  await addFlow("levels", "levels forms", "ALTERNATIVE");
  for (const [index, form] of ["auth-username-password-form", "auth-password-form"].entries()) {
    const level = `level-${index + 1}`;
    await addFlow("levels forms", level, "CONDITIONAL");
    const condition = await addStep(level, "conditional-level-of-authentication");
    const config = { "loa-condition-level": String(index + 1), "loa-max-age": index === 0 ? "36000" : "0" };
    await ask("POST", `/authentication/executions/${condition}/config`, { alias: level, config });
    await addStep(level, form);
  }
  const levels = Object.fromEntries(names.map((name, index) => [name, index + 1]));
  await change({ browserFlow: "levels", attributes: { "acr.loa.map": JSON.stringify(levels) } });
}
