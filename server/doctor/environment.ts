import "server-only";
import { checkConfig, checkWithEnvironment, providersWithoutTrust, unnamedProviders } from "../settings/check-config";
import { EnvError, env } from "../settings/env";
import { variablePrefix } from "../settings/read-providers";
import { tokenStorageFault } from "../tokens/token-storage";
import { type Finding, found } from "./findings";

/** What keeps the app from starting: faults of the environment and of `daemun.config.ts`. Asks nobody. */
export function examineStart(): Finding[] {
  const variables = [...environmentFaults()];
  const config = checkConfig();
  if (variables.length + config.length === 0) config.push(...checkWithEnvironment());
  const storage = variables.length === 0 ? tokenStorageFault() : null;
  if (storage?.stops) variables.push(storage.text);
  return [
    ...variables.map((fault) => found("variableWrong", { fault })),
    ...config.map((fault) => found("configurationWrong", { fault })),
  ];
}

/** The rest that environment and configuration say by themselves. Only for an environment that is right. */
export function examineSettings(): Finding[] {
  return [...variables(), ...secrets(), ...configuration(), ...trust()];
}

function environmentFaults(): readonly string[] {
  try {
    env();
    return [];
  } catch (error) {
    if (error instanceof EnvError) return error.faults;
    throw error;
  }
}

function variables(): Finding[] {
  const unknown = env().unknownVariables;
  if (unknown.length === 0) return [found("variablesRight")];
  return unknown.map(({ name, meant }) =>
    meant === null ? found("variableUnknown", { name }) : found("variableMisspelt", { name, meant }),
  );
}

// Fewer bits than these, and it was not made by chance. A guess at the second is answered by this app alone, and counted.
const fewestBits = { session: 96, cron: 48 };

function secrets(): Finding[] {
  const { sessionSecrets, aliasSecret, cronSecret, providers } = env();
  const ours = [
    ...sessionSecrets.map((value, index) => ({
      name: index === 0 ? "AUTH_SECRET" : "AUTH_SECRET_n",
      value,
      fewest: fewestBits.session,
    })),
    ...(aliasSecret === null ? [] : [{ name: "AUTH_SECRET_ALIASES", value: aliasSecret, fewest: fewestBits.session }]),
    ...(cronSecret === null ? [] : [{ name: "CRON_SECRET", value: cronSecret, fewest: fewestBits.cron }]),
  ];
  // Two providers may well have given out the same.
  const others = providers.map(({ id, clientSecret }) => ({
    name: `${variablePrefix(id)}_SECRET`,
    value: clientSecret,
  }));
  const all = [
    ...ours.filter(({ value, fewest }) => bitsOf(value) < fewest).map(({ name }) => found("secretWeak", { name })),
    ...ours.flatMap(({ name, value }, index) => {
      const other = [...ours.slice(index + 1), ...others].find((later) => later.value === value);
      return other ? [found("secretRepeated", { name, other: other.name })] : [];
    }),
  ];
  return all.length > 0 ? all : [found("secretsStrong", { count: sessionSecrets.length })];
}

/** How much chance a text can hold at most, by the characters that it has (Shannon): words and repetition have little. */
function bitsOf(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - count * Math.log2(count / text.length), 0);
}

function configuration(): Finding[] {
  const unnamed = unnamedProviders().map(({ id }) => id);
  return unnamed.length > 0 ? [found("providersUnnamed", { ids: unnamed.join(", ") })] : [found("configurationRight")];
}

function trust(): Finding[] {
  const untrusted = [
    ...providersWithoutTrust("trustRoles").map((id) => found("rolesNotTrusted", {}, id)),
    ...providersWithoutTrust("trustEmail").map((id) => found("addressesNotTrusted", {}, id)),
  ];
  return untrusted.length > 0 ? untrusted : [found("trustSaid")];
}
