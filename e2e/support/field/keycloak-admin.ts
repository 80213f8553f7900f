import type { Keycloak } from "./keycloak";

interface Representation {
  id: string;
  [name: string]: unknown;
}

interface KeycloakEvent {
  type: string;
  clientId?: string;
  userId?: string;
  error?: string;
  details?: Record<string, string>;
}

/** A session at Keycloak, as its administration shows it. */
interface ProviderSession {
  id: string;
  username: string;
  clients: Record<string, string>;
}

export type KeycloakRealm = Awaited<ReturnType<typeof createRealm>>;

/** An administrator's requests to the Admin REST API. */
function administrator({ url, admin }: Keycloak) {
  const token = async () => {
    const answer = await fetch(`${url}/realms/master/protocol/openid-connect/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "password", client_id: "admin-cli", ...admin }),
    });
    if (!answer.ok) throw new Error(`Keycloak gives its administrator no token: ${answer.status}.`);
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  return async <T = unknown>(method: string, path: string, body?: unknown): Promise<T> => {
    // One for each request: they end after a minute, and with a restart.
    const headers = { Authorization: `Bearer ${await token()}`, "Content-Type": "application/json" };
    const answer = await fetch(`${url}/admin/realms${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
    return (text ? JSON.parse(text) : undefined) as T;
  };
}

/**
 * Makes a realm, and says what an administrator can do in it.
 *
 * @param representation as an import has it: users, roles, clients …
 */
export async function createRealm(keycloak: Keycloak, name: string, representation: Record<string, unknown>) {
  const ask = administrator(keycloak);
  await ask("POST", "", { realm: name, enabled: true, ...representation });
  const at = <T = unknown>(method: string, path: string, body?: unknown) => ask<T>(method, `/${name}${path}`, body);

  const only = async (path: string): Promise<Representation> => {
    const [found] = await at<Representation[]>("GET", path);
    if (!found) throw new Error(`Nothing at ${path}.`);
    return found;
  };
  const user = (username: string) => only(`/users?exact=true&username=${username}`);
  const client = (clientId: string) => only(`/clients?clientId=${clientId}`);
  const role = async (roleName: string, clientId?: string) => {
    const owner = clientId === undefined ? "" : `/clients/${(await client(clientId)).id}`;
    return at<Representation>("GET", `${owner}/roles/${roleName}`);
  };

  return {
    issuer: `${keycloak.url}/realms/${name}`,
    /** Any other request to the realm's part of the Admin REST API. */
    ask: at,
    user,
    client,
    changeUser: async (username: string, change: Record<string, unknown>) => {
      const found = await user(username);
      await at("PUT", `/users/${found.id}`, { ...found, ...change });
    },
    removeUser: async (username: string) => at("DELETE", `/users/${(await user(username)).id}`),
    addUser: (user: Record<string, unknown>) => at("POST", "/users", user),
    changeClient: async (clientId: string, change: Record<string, unknown>) => {
      const found = await client(clientId);
      await at("PUT", `/clients/${found.id}`, { ...found, ...change });
    },
    addClient: (representation: Record<string, unknown>) => at("POST", "/clients", representation),
    change: async (change: Record<string, unknown>) => {
      await at("PUT", "", { ...(await at<Record<string, unknown>>("GET", "")), ...change });
    },
    addRole: async (roleName: string, clientId: string) =>
      at("POST", `/clients/${(await client(clientId)).id}/roles`, { name: roleName }),
    /** Gives a realm role, or with `clientId` that client's. */
    giveRole: async (username: string, roleName: string, clientId?: string) => {
      const path = `/users/${(await user(username)).id}/role-mappings`;
      const owner = clientId === undefined ? "realm" : `clients/${(await client(clientId)).id}`;
      await at("POST", `${path}/${owner}`, [await role(roleName, clientId)]);
    },
    takeRole: async (username: string, roleName: string, clientId?: string) => {
      const path = `/users/${(await user(username)).id}/role-mappings`;
      const owner = clientId === undefined ? "realm" : `clients/${(await client(clientId)).id}`;
      await at("DELETE", `${path}/${owner}`, [await role(roleName, clientId)]);
    },
    sessionsOf: async (username: string) =>
      at<ProviderSession[]>("GET", `/users/${(await user(username)).id}/sessions`),
    endSession: (id: string) => at("DELETE", `/sessions/${id}`),
    signOutUser: async (username: string) => at("POST", `/users/${(await user(username)).id}/logout`),
    events: (...types: string[]) =>
      at<KeycloakEvent[]>("GET", `/events?max=1000&${types.map((type) => `type=${type}`).join("&")}`),
    clearEvents: () => at("DELETE", "/events"),
    /** Writes what a client scope puts into tokens: its mappers, changed. */
    changeMappers: async (scope: string, config: Record<string, string>) => {
      const scopes = await at<(Representation & { protocolMappers: (Representation & { config: object })[] })[]>(
        "GET",
        "/client-scopes",
      );
      const found = scopes.find((item) => item.name === scope);
      for (const mapper of found?.protocolMappers ?? []) {
        const changed = { ...mapper, config: { ...mapper.config, ...config } };
        await at("PUT", `/client-scopes/${found?.id}/protocol-mappers/models/${mapper.id}`, changed);
      }
    },
    /** A scope that a client may ask for, and the API that is named by it in access tokens. */
    addApiScope: async (scope: string, audience: string, clientId: string) => {
      const config = { "included.custom.audience": audience, "access.token.claim": "true" };
      const mapper = { name: "audience", protocol: "openid-connect", protocolMapper: "oidc-audience-mapper", config };
      const attributes = { "include.in.token.scope": "true" };
      const added = { name: scope, protocol: "openid-connect", attributes, protocolMappers: [mapper] };
      await at("POST", "/client-scopes", added);
      const scopes = await at<Representation[]>("GET", "/client-scopes");
      const { id } = scopes.find(({ name }) => name === scope) ?? {};
      await at("PUT", `/clients/${(await client(clientId)).id}/optional-client-scopes/${id}`);
    },
    /** Adds a signing key that comes before those which are there: `rsa-generated`, `ecdsa-generated` or `eddsa-generated`. */
    addKey: async (providerId: string, priority: number, config: Record<string, string[]> = {}) => {
      const realm = await at<Representation>("GET", "");
      await at("POST", "/components", {
        name: `${providerId}-${priority}`,
        providerId,
        providerType: "org.keycloak.keys.KeyProvider",
        parentId: realm.id,
        config: { priority: [String(priority)], enabled: ["true"], active: ["true"], ...config },
      });
    },
    /** Takes every signing key away that is not of `priority`. */
    removeOlderKeys: async (priority: number) => {
      const keys = await at<(Representation & { config: { priority?: string[] } })[]>(
        "GET",
        "/components?type=org.keycloak.keys.KeyProvider",
      );
      for (const { id, config, providerId } of keys) {
        if (/^(?:rsa|ecdsa|eddsa)-generated$/.test(String(providerId)) && Number(config.priority?.[0]) < priority) {
          await at("DELETE", `/components/${id}`);
        }
      }
    },
    addOrganization: async (alias: string, members: readonly string[]) => {
      await at("POST", "/organizations", { name: alias, alias, domains: [{ name: `${alias}.example` }] });
      const { id } = await only(`/organizations?exact=true&search=${alias}`);
      for (const username of members) {
        await at("POST", `/organizations/${id}/members`, (await user(username)).id);
      }
    },
    removeMember: async (alias: string, username: string) => {
      const { id } = await only(`/organizations?exact=true&search=${alias}`);
      await at("DELETE", `/organizations/${id}/members/${(await user(username)).id}`);
    },
  };
}
