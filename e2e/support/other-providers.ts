import { HttpBrowser } from "./http-browser";
import { clientId, clientSecret, shareTestApp, type TestApp } from "./test-app";

/** Which of the issuers that sign people in stands behind each further provider of the tests' configuration. */
const behind = {
  shaped: "company",
  nested: "partner",
  untold: "partner",
  assumed: "company",
  staff: "company",
  closed: "company",
} as const;

export interface OtherProviders {
  app: TestApp;
  /** One whose requests reach an app that has all of these providers. */
  openBrowser(): HttpBrowser;
  output(): string;
}

/**
 * An app with further providers, which configuration says different things of, beside `company` and `partner`.
 *
 * @param env whatever else it is told
 */
export async function openOtherProviders(
  env: Record<string, string> = {},
  more: readonly string[] = [],
): Promise<OtherProviders> {
  const app = await shareTestApp();
  const ids = Object.keys(behind) as (keyof typeof behind)[];
  for (const issuer of ["company", "partner"] as const) {
    const own = [issuer, ...ids.filter((id) => behind[id] === issuer)];
    const redirectUris = own.map((id) => `${app.url}/api/auth/callback/${id}`);
    const client = (await app.control.clients(issuer)).find((known) => known.clientId === clientId);
    if (client) await app.control.putClient(issuer, { ...client, clientSecret, redirectUris });
  }
  const told = ids.map((id) => {
    const prefix = `AUTH_${id.toUpperCase()}`;
    const scope = app.environment[`AUTH_${behind[id].toUpperCase()}_SCOPE`] ?? "openid";
    const issuer = app.issuers[behind[id]] ?? "";
    return {
      [`${prefix}_ID`]: clientId,
      [`${prefix}_SECRET`]: clientSecret,
      [`${prefix}_ISSUER`]: issuer,
      [`${prefix}_SCOPE`]: scope,
    };
  });
  const all = ["company", "partner", ...ids, ...more].join(",");
  const instance = await app.startSibling({ AUTH_PROVIDERS: all, ...Object.assign({}, ...told), ...env });
  return {
    app,
    openBrowser: () => new HttpBrowser(({ origin }) => (origin === app.url ? instance.url : null)),
    output: () => instance.output(),
  };
}
