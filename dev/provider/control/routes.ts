import { clientRegistrationSchema } from "../client-registration";
import { habitsOf } from "../habits/habits";
import { endpointSchema } from "../journal";
import { forge } from "../tokens/forge";
import { sendBackchannelLogout } from "./backchannel-logout";
import { reset } from "./reset";
import { ControlError, type ControlRoute } from "./router";
import {
  backchannelLogoutSchema,
  clientPutSchema,
  clockSchema,
  dialectSchema,
  endSessionsSchema,
  habitsSchema,
  journalQuerySchema,
  revokeGrantsSchema,
  rotateKeysSchema,
  signSchema,
  sinceSchema,
  tokenLifetimeSchema,
  userChangeSchema,
  userPutSchema,
} from "./schemas";
import { endSessions, listSessions } from "./sessions";

const done = { ok: true } as const;

/** Everything that can be done to one issuer, below `/issuers/:issuer`. */
export const controlRoutes: readonly ControlRoute[] = [
  {
    method: "GET",
    path: "",
    handle: ({ issuer: { state } }) => ({
      issuer: state.issuer,
      kid: state.keys.current.kid,
      accessTokenSeconds: state.accessTokenSeconds,
      offsetSeconds: state.clock.offsetSeconds,
      dialect: state.dialect,
      clients: [...state.clients.keys()],
      endpoints: endpointSchema.options,
    }),
  },
  {
    method: "GET",
    path: "/journal",
    handle: ({ issuer, query }) => ({
      requests: issuer.state.journal.requests(journalQuerySchema.parse(query)),
    }),
  },
  {
    method: "DELETE",
    path: "/journal",
    handle: ({ issuer }) => {
      issuer.state.journal.clear();
      return done;
    },
  },
  {
    method: "GET",
    path: "/issued",
    handle: ({ issuer, query }) => ({ issued: issuer.state.journal.issued(sinceSchema.parse(query)) }),
  },
  {
    method: "GET",
    path: "/counters",
    handle: ({ issuer: { state } }) => ({ refreshes: state.journal.refreshes, reuseAlarms: state.journal.reuseAlarms }),
  },
  { method: "GET", path: "/faults", handle: ({ issuer }) => ({ faults: issuer.state.faults.list() }) },
  {
    method: "POST",
    path: "/faults",
    handle: ({ issuer, body }) => issuer.state.faults.add(body),
  },
  {
    method: "DELETE",
    path: "/faults",
    handle: ({ issuer }) => {
      issuer.state.faults.clear();
      return done;
    },
  },
  {
    method: "DELETE",
    path: "/faults/:id",
    handle: ({ issuer, params }) => found(issuer.state.faults.remove(Number(params.id)) || null, "fault"),
  },
  {
    method: "POST",
    path: "/keys/rotate",
    handle: async ({ issuer, body }) => ({ kid: await issuer.rotateKeys(rotateKeysSchema.parse(body).keepOld) }),
  },
  {
    method: "POST",
    path: "/grants/revoke",
    handle: ({ issuer, body }) => ({ revoked: issuer.state.store.revokeGrants(revokeGrantsSchema.parse(body)) }),
  },
  { method: "GET", path: "/sessions", handle: ({ issuer }) => ({ sessions: listSessions(issuer.state) }) },
  {
    method: "POST",
    path: "/sessions/end",
    handle: ({ issuer, body }) => ({ ended: endSessions(issuer.state, endSessionsSchema.parse(body)) }),
  },
  {
    method: "POST",
    path: "/backchannel-logout",
    handle: ({ issuer, body }) => sendBackchannelLogout(issuer.state, backchannelLogoutSchema.parse(body)),
  },
  { method: "GET", path: "/users", handle: ({ issuer }) => ({ users: issuer.state.users.list() }) },
  {
    method: "GET",
    path: "/users/:sub",
    handle: ({ issuer, params }) => found(issuer.state.users.get(params.sub ?? ""), "person"),
  },
  {
    method: "PUT",
    path: "/users/:sub",
    handle: ({ issuer, params, body }) =>
      issuer.state.users.put({ ...userPutSchema.parse(body), sub: params.sub ?? "" }),
  },
  {
    method: "POST",
    path: "/users/:sub",
    handle: ({ issuer, params, body }) =>
      found(issuer.state.users.change(params.sub ?? "", userChangeSchema.parse(body)), "person"),
  },
  {
    method: "DELETE",
    path: "/users/:sub",
    handle: ({ issuer, params }) => found(issuer.state.users.remove(params.sub ?? "") || null, "person"),
  },
  {
    method: "DELETE",
    path: "/users",
    handle: ({ issuer }) => {
      issuer.state.users.reset();
      return done;
    },
  },
  {
    method: "POST",
    path: "/sign",
    handle: ({ issuer: { state }, body }) => {
      const { clientId, ...request } = signSchema.parse(body);
      const client = clientId === undefined ? undefined : found(state.clients.get(clientId), "client");
      return { token: forge(state.keys, { ...request, clientSecret: client?.clientSecret }) };
    },
  },
  {
    method: "POST",
    path: "/clock",
    handle: ({ issuer, body }) => {
      issuer.state.clock.offsetSeconds = clockSchema.parse(body).offsetSeconds;
      return { offsetSeconds: issuer.state.clock.offsetSeconds };
    },
  },
  {
    method: "POST",
    path: "/token-lifetime",
    handle: ({ issuer, body }) => {
      issuer.state.accessTokenSeconds = tokenLifetimeSchema.parse(body).accessTokenSeconds;
      return { accessTokenSeconds: issuer.state.accessTokenSeconds };
    },
  },
  {
    method: "POST",
    path: "/dialect",
    handle: ({ issuer, body }) => {
      issuer.state.dialect = dialectSchema.parse(body).dialect;
      return { dialect: issuer.state.dialect };
    },
  },
  {
    method: "POST",
    path: "/habits",
    handle: ({ issuer: { state }, body }) => {
      const { habits } = habitsSchema.parse(body);
      state.habits = habits === null ? null : habitsOf(habits);
      state.dialect = state.habits?.dialect ?? state.initialDialect;
      return { habits };
    },
  },
  { method: "GET", path: "/clients", handle: ({ issuer }) => ({ clients: [...issuer.state.clients.values()] }) },
  {
    method: "PUT",
    path: "/clients/:clientId",
    handle: ({ issuer, params, body }) => {
      const client = clientRegistrationSchema.parse({ ...clientPutSchema.parse(body), clientId: params.clientId });
      issuer.state.clients.set(client.clientId, client);
      return client;
    },
  },
  {
    method: "DELETE",
    path: "/clients/:clientId",
    handle: ({ issuer, params }) => found(issuer.state.clients.delete(params.clientId ?? "") || null, "client"),
  },
  { method: "POST", path: "/reset", handle: ({ issuer }) => reset(issuer.state) },
];

function found<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new ControlError(404, "not_found", `There is no such ${what}.`);
  return value;
}
