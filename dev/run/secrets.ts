import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What a development world keeps secret, in the forms that the environment wants. */
export interface Secrets {
  authSecret: string;
  vaultKeys: string;
  /** Of the app's client at every identity provider. */
  clientSecret: string;
  /** Of the identity providers' control API. */
  controlSecret: string;
}

/** Fresh ones. */
export function makeSecrets(): Secrets {
  return {
    authSecret: randomBytes(32).toString("base64url"),
    vaultKeys: `dev1:${randomBytes(32).toString("base64")}`,
    clientSecret: randomBytes(24).toString("base64url"),
    controlSecret: randomBytes(24).toString("base64url"),
  };
}

/** Those in `file`, or fresh ones that are kept there, readable for nobody else. */
export function keepSecrets(file: string): Secrets {
  const kept: Partial<Secrets> = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const secrets = { ...makeSecrets(), ...kept };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  // The mode above only counts for a file that is new.
  chmodSync(file, 0o600);
  return secrets;
}
