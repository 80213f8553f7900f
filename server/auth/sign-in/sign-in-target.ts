import "server-only";
import type { ProviderSettings } from "../../settings/providers";

// As scripts and frameworks write them, lists among them: `resource`, `resource[]`, `org[0]`.
const targetName = /^(?:(resource)|organization|org|organization_id)(?:\[.*\])?$/s;

/**
 * What API or organization a visitor wants a sign-in for. Every configured resource is asked for anyway, so that a known
 * one changes nothing; an organization is chosen after the sign-in, by the token that is asked for.
 *
 * @param given every parameter as it was sent, however often
 */
export function parseSignInTarget(
  given: readonly (readonly [name: string, value: string])[],
  provider: ProviderSettings,
): "known" | "unknown_resource" | "unknown_organization" {
  // RFC 6749, section 3.1: a parameter without a value was not sent.
  const targets = given.filter(([name, value]) => value !== "" && targetName.test(name));
  if (targets.some(([name]) => targetName.exec(name)?.[1] === undefined)) return "unknown_organization";
  const [first, second] = targets;
  if (!first) return "known";
  const [name, value] = first;
  const isKnown = name === "resource" && provider.resources.some(({ indicator }) => indicator === value);
  return isKnown && !second ? "known" : "unknown_resource";
}

/** The other parameters. */
export function withoutTarget(given: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...given].filter(([name]) => !targetName.test(name)));
}
