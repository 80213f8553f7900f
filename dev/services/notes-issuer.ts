import { randomBytes } from "node:crypto";
import { connectAddress } from "../app-environment";
import type { IssuerOptions, ResourceServerRegistration } from "../identity-provider/start";

/** With what the notes service asks its authorization server about tokens: nobody else knows it. */
export const introspector: ResourceServerRegistration = {
  clientId: "notes-service",
  clientSecret: randomBytes(24).toString("base64url"),
};

export interface NotesIssuerOptions {
  /** 0 takes any free port. */
  port: number;
  appUrl: string;
  /** The app's own registration there. */
  client: { clientId: string; clientSecret: string };
}

/** The third party's authorization server, with people, scopes and opaque access tokens of its own. */
export function notesIssuer({ port, appUrl, client: { clientId, clientSecret } }: NotesIssuerOptions): IssuerOptions {
  return {
    id: "notes",
    port,
    clients: [
      {
        clientId,
        clientSecret,
        name: "Daemun",
        redirectUris: [connectAddress(appUrl, "notes")],
        postLogoutRedirectUris: [],
      },
    ],
    resources: {},
    scopes: ["notes:read", "notes:write"],
    resourceServers: [introspector],
  };
}
