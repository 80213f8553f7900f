import { randomBytes } from "node:crypto";
import type { IssuerOptions, ResourceServerRegistration } from "../provider/start";
import { connectAddress } from "../run/app-environment";
import type { ServiceNames } from "./names";

/** With what the notes service asks its authorization server about tokens: nobody else knows it. */
export const introspector: ResourceServerRegistration = {
  clientId: "notes-service",
  clientSecret: randomBytes(24).toString("base64url"),
};

export interface NotesIssuerOptions {
  names: ServiceNames["notes"];
  /** 0 takes any free port. */
  port: number;
  appUrl: string;
  /** The app's own registration there. */
  client: { clientId: string; clientSecret: string };
}

/** The third party's authorization server, with people, scopes and opaque access tokens of its own. */
export function notesIssuer({ names, port, appUrl, client }: NotesIssuerOptions): IssuerOptions {
  return {
    id: names.id,
    port,
    clients: [
      {
        ...client,
        name: "Daemun",
        redirectUris: [connectAddress(appUrl, names.id)],
        postLogoutRedirectUris: [],
        skipConsent: true,
      },
    ],
    resources: {},
    scopes: [names.scopes.read, names.scopes.write],
    resourceServers: [introspector],
  };
}
