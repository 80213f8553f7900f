import { describe, expect, it } from "vitest";
import daemun from "@/e2e/support/daemun.config";
import { checkConfig, checkWithEnvironment, providersWithoutTrust, unnamedProviders } from "./check-config";
import { provideEnv } from "./env";
import { standardProvider } from "./providers";

const { notes } = daemun.services;
const withNotes = (changed: object) => ({ ...daemun, services: { notes: { ...notes, ...changed } } });
const withClient = (changed: object) => withNotes({ authentication: { ...notes?.authentication, ...changed } });

describe("the services of daemun.config.ts", () => {
  it("are right as they ship", () => {
    expect(checkConfig()).toEqual([]);
    const google = { endpointHosts: ["oauth2.googleapis.com"], authorizationParameters: { access_type: "offline" } };
    expect(checkConfig(withClient(google))).toEqual([]);
  });

  it.each([
    ["an id that is no word of an address", { ...daemun, services: { "My Notes": notes } }, /services/],
    ["no scope at all", withClient({ scopes: [] }), /services\.notes\.authentication\.scopes/],
    ["two scopes in one", withClient({ scopes: ["notes:read notes:write"] }), /scopes\.0/],
    ["an optional scope that is none", withClient({ optionalScopes: [""] }), /optionalScopes\.0/],
    ["an endpoint that is no address", withClient({ tokenEndpoint: "/token" }), /tokenEndpoint/],
    ["a host that is an address", withClient({ endpointHosts: ["https://a.example"] }), /endpointHosts\.0/],
    ["a state of its own", withClient({ authorizationParameters: { state: "x" } }), /authorizationParameters/],
    [
      "a redirect URI of its own",
      withClient({ authorizationParameters: { redirect_uri: "x" } }),
      /authorizationParameters/,
    ],
    ["a secret", withClient({ clientSecret: "x" }), /services\.notes\.authentication/],
    [
      "a resource that nobody knows",
      withNotes({ authentication: { kind: "resource", resource: "https://x.example" } }),
      /resource/,
    ],
    ["a header that is the proxy's", withNotes({ requestHeaders: ["authorization"] }), /requestHeaders/],
  ])("may not have %s", (_, config, place) => {
    const faults = checkConfig(config);
    expect(faults).toEqual([expect.stringMatching(place)]);
    expect(faults[0]).toMatch(/^daemun\.config\.ts: /);
  });
});

describe("a service of the next hop", () => {
  const exchange = (said: object) => withNotes({ authentication: { kind: "exchange", audience: "notes", ...said } });
  const assertion = (said: object) =>
    withNotes({ authentication: { kind: "assertion", audience: "https://notes.example", ...said } });
  const indicator = daemun.resources[0]?.indicator ?? "";

  it("takes a token in exchange for the user's, or an assertion of this app", () => {
    const whole = { resource: "https://notes.example", scopes: ["a"], requestedTokenType: "jwt", actor: true };
    for (const config of [exchange({}), exchange(whole), exchange({ subjectResource: indicator }), assertion({})])
      expect(checkConfig(config)).toEqual([]);
    const said = { subject: "provider", include: ["roles", "organization"], algorithm: "RS256", lifetimeSeconds: 600 };
    expect(checkConfig(assertion(said))).toEqual([]);
  });

  it.each([
    [
      "an exchange for nothing in particular",
      withNotes({ authentication: { kind: "exchange" } }),
      /must name an audience or a resource/,
    ],
    ["a resource with a fragment", exchange({ resource: "https://notes.example#a" }), /authentication\.resource/],
    ["a subject that is no resource", exchange({ subjectResource: `${indicator}x` }), /Did you mean/],
    ["a misspelt key", exchange({ audiense: "notes" }), /audiense.*Did you mean audience/],
    ["a misspelt key of an assertion", assertion({ lifetimeSecond: 60 }), /Did you mean lifetimeSeconds/],
    ["an assertion for an hour", assertion({ lifetimeSeconds: 3600 }), /lifetimeSeconds/],
    ["an algorithm that is a secret's", assertion({ algorithm: "HS256" }), /algorithm/],
    ["a claim that nobody knows", assertion({ include: ["email"] }), /include\.0/],
    [
      "keys that nobody may read",
      { ...assertion({}), gates: daemun.gates.filter(({ path }) => path !== "/.well-known/jwks.json") },
      /gates: \/\.well-known\/jwks\.json needs a session/,
    ],
  ])("is not %s", (_, config, fault) => {
    expect(checkConfig(config)).toEqual([expect.stringMatching(fault)]);
  });

  it("is exchanged at a provider of the environment, or the start says which one was meant", () => {
    const authentication = { kind: "exchange", audience: "notes", provider: "compny", subjectProviders: ["compani"] };
    const providers = [{ ...standardProvider, id: "company" }] as never;
    provideEnv({ providers, services: [{ id: "notes", authentication }] as never, session: {} });
    expect(checkWithEnvironment({ ...daemun, providers: {} })).toEqual([
      "daemun.config.ts: services.notes.authentication.provider: is no provider of the environment. Did you mean company?",
      "daemun.config.ts: services.notes.authentication.subjectProviders: is no provider of the environment. Did you mean company?",
    ]);
  });
});

describe("the gates of daemun.config.ts", () => {
  const withGate = (gate: object) => ({ ...daemun, gates: [{ path: "/api/stock/*", ...gate }, ...daemun.gates] });

  it("let access tokens pass where they ask for a session, and for no role", () => {
    expect(checkConfig(withGate({ access: "session", bearer: true }))).toEqual([]);
    expect(checkConfig(withGate({ access: "public", bearer: true }))).toEqual([expect.stringMatching(/gates/)]);
    expect(checkConfig(withGate({ access: "session", bearer: true, roles: ["admin"] }))).toEqual([
      expect.stringMatching(/gates.*scopes of a token/),
    ]);
  });
});

describe("FF-18: whose roles count", () => {
  it("FF-18: is asked at start for each of several providers of which nothing is said, and for none that is alone", () => {
    const providers = { company: { trustRoles: true }, partner: { trustRoles: false }, third: { userInfoSeconds: 5 } };
    expect(providersWithoutTrust("trustRoles", ["company", "partner"], { providers })).toEqual([]);
    expect(providersWithoutTrust("trustRoles", ["company", "third", "fourth"], { providers })).toEqual([
      "third",
      "fourth",
    ]);
    expect(providersWithoutTrust("trustRoles", ["fourth"], { providers })).toEqual([]);
  });
});

describe("FF-46: whose addresses count", () => {
  it("FF-46: is asked at start for each of several providers, apart from roles", () => {
    const providers = { company: { trustEmail: ["company.example"] }, partner: { trustRoles: true } };
    expect(providersWithoutTrust("trustEmail", ["company", "partner"], { providers })).toEqual(["partner"]);
    expect(providersWithoutTrust("trustEmail", ["partner"], { providers })).toEqual([]);
  });

  it("FF-46: nobody may assume addresses of any tenant to be verified", () => {
    const withProvider = (said: object) => checkConfig({ ...daemun, providers: { work: said } });
    const signIn = { tenants: "any" };
    for (const assumeEmailVerified of [true, ["company.example"]])
      expect(withProvider({ assumeEmailVerified, signIn })).toEqual([
        expect.stringMatching(/^daemun\.config\.ts: providers\.work\.assumeEmailVerified: /),
      ]);
    expect(withProvider({ assumeEmailVerified: true, signIn: { tenants: ["t-1"] } })).toEqual([]);
  });
});

describe("FF-66: what could never start", () => {
  const { session, gates } = daemun;
  const provider = (said: object) => ({ ...daemun, providers: { ...daemun.providers, work: said } });
  const place = (text: string) => `daemun.config.ts: ${text}`;

  it.each([
    ["a key at the top", { ...daemun, provders: {} }, "provders: is no setting. Did you mean providers?"],
    [
      "a key of the session",
      { ...daemun, session: { ...session, idleSecond: 5 } },
      "session.idleSecond: is no setting. Did you mean idleSeconds?",
    ],
    [
      "a key within a provider",
      provider({ signIn: { emailDomain: ["a.example"] } }),
      "providers.work.signIn.emailDomain: is no setting. Did you mean emailDomains?",
    ],
    [
      "a key within a choice",
      provider({ emailProof: { claim: "xms_edov", orTxt: true } }),
      "providers.work.emailProof.orTxt: is no setting. Did you mean orText?",
    ],
    [
      "a key like no other",
      { ...daemun, admin: { roles: ["a"], people: 3 } },
      "admin.people: is no setting. Known here: roles.",
    ],
    [
      "a number as text",
      { ...daemun, session: { ...session, idleSeconds: "1800" } },
      "session.idleSeconds: must be a whole number from 5 to 2592000",
    ],
    [
      "a word of no list",
      { ...daemun, session: { ...session, cookieRoles: "name" } },
      'session.cookieRoles: must be "names" or "digests"',
    ],
    [
      "a kind that there is not",
      withNotes({ authentication: { kind: "oauth" } }),
      'services.notes.authentication.kind: must be "resource" or "client" or "exchange" or "assertion" or "none"',
    ],
    [
      "something missing",
      { ...daemun, session: { ...session, maxPerUser: undefined } },
      "session.maxPerUser: is missing: a whole number from 1 to 1000",
    ],
    [
      "more idle time than time",
      { ...daemun, session: { ...session, idleSeconds: 50_000 } },
      "session: a session would end after 43200 seconds, before 50000 without activity could pass. Make idleSeconds the smaller.",
    ],
    [
      "the same where one of the two is a provider's",
      provider({ session: { absoluteSeconds: 600 } }),
      "providers.work.session: a session would end after 600 seconds, before 1800 without activity could pass. Make idleSeconds the smaller.",
    ],
    [
      "the same for those who stay signed in",
      { ...daemun, session: { ...session, remembered: { idleSeconds: 20, absoluteSeconds: 10 } } },
      "session.remembered: a session would end after 10 seconds, before 20 without activity could pass. Make idleSeconds the smaller.",
    ],
    [
      "a gate that an earlier one covers",
      { ...daemun, gates: [...gates, { path: "/admin/audit", access: "session", roles: ["auditor"] }] },
      `gates.${gates.length}: never decides, because gates.${gates.length - 1} ("/admin/*") fits all of /admin/audit: put it before that one.`,
    ],
    [
      "a closed sign-in page",
      { ...daemun, gates: gates.filter(({ path }) => path !== "/sign-in") },
      'gates: /sign-in needs a session, and nobody could sign in or out. Add { path: "/sign-in", access: "public" } before what covers it.',
    ],
    [
      "an id that no provider can have",
      { ...daemun, providers: { Company: {} } },
      "providers.Company: is no provider's id: a lower-case letter, then letters, digits or hyphens, as AUTH_<ID>_ID has it in capitals.",
    ],
    [
      "a resource of a misspelt provider",
      { ...daemun, services: {}, resources: [{ indicator: "https://a.example", scopes: [], providers: ["gogle"] }] },
      'resources.0.providers: "gogle" is no provider. Did you mean google?',
    ],
    [
      "a service with a misspelt resource",
      withNotes({ authentication: { kind: "resource", resource: "https://shoping.example/api" } }),
      "services.notes.authentication.resource: is not the indicator of one of resources. Did you mean https://shopping.example/api?",
    ],
  ])("FF-66: %s is named with its place and how to write it", (_, config, fault) => {
    expect(checkConfig(config)).toEqual([place(fault)]);
  });

  it("FF-66: only the environment shows a misspelt provider, and deadlines that it makes impossible", () => {
    const providers = ["google", "company"].map((id) => ({ ...standardProvider, id })) as never;
    provideEnv({ providers, services: [], session: { absoluteSeconds: 60 } });
    const named = (ids: string[]) => ({ ...daemun, providers: Object.fromEntries(ids.map((id) => [id, {}])) });
    expect(checkWithEnvironment(named(["gogle"]))).toEqual([
      place(
        "providers.gogle: is no provider of the environment. Did you mean google? If both are meant, add google: {}.",
      ),
      "SESSION_IDLE_SECONDS, SESSION_ABSOLUTE_SECONDS: a session would end after 60 seconds, before 1800 without activity could pass. Make idleSeconds the smaller.",
    ]);
    provideEnv({ providers, services: [], session: {} });
    expect(checkWithEnvironment(named(["gogle", "google"]))).toEqual([]);
    expect(checkWithEnvironment(named(["company-eu", "acme"]))).toEqual([]);
    expect(unnamedProviders(named(["company-eu", "acme", "company"])).map(({ id }) => id)).toEqual([
      "company-eu",
      "acme",
    ]);
  });
});

it("tokens of a resource are bound to a key that stays here, or go to the browser, and not both", () => {
  const withResource = (said: object) =>
    checkConfig({ ...daemun, resources: [{ indicator: "https://a.example", scopes: [], ...said }], services: {} });
  expect(withResource({ dpop: true, exposeToBrowser: true })).toEqual([expect.stringContaining("resources.0: ")]);
  for (const said of [{ dpop: true }, { exposeToBrowser: true }, { dpop: false, exposeToBrowser: true }])
    expect(withResource(said)).toEqual([]);
});

describe("a resource whose tokens go to the browser, at a provider whose tokens are bound", () => {
  const open = { indicator: "https://open.example", scopes: [], exposeToBrowser: true };
  const faultsOf = (said: object) => {
    const provider = { ...standardProvider, id: "company-eu", resources: [open], ...said };
    provideEnv({ providers: [provider] as never, services: [], session: {} });
    return checkWithEnvironment({ ...daemun, providers: {} });
  };

  it("stops the start, which names both", () => {
    expect(faultsOf({ dpop: true })).toEqual([
      'daemun.config.ts: resources "https://open.example".exposeToBrowser: must not be said together with providers.company-eu.dpop (AUTH_COMPANY_EU_DPOP). Or say dpop: false of that resource.',
    ]);
    const bound = { indicator: "https://bound.example", scopes: [], dpop: true };
    expect(faultsOf({ clientAuthentication: "none", resources: [open, bound] })).toEqual([
      'daemun.config.ts: resources "https://open.example".exposeToBrowser: must not be said together with resources "https://bound.example".dpop, which binds every token of the public client company-eu.',
    ]);
    expect(faultsOf({ clientAuthentication: "none", dpop: true, resources: [{ ...open, dpop: false }] })).toHaveLength(
      1,
    );
  });

  it("stops nothing where those tokens are not bound", () => {
    const bound = { indicator: "https://bound.example", scopes: [], dpop: true };
    for (const said of [
      {},
      { resources: [open, bound] },
      { dpop: true, resources: [{ ...open, dpop: false }, bound] },
      { dpop: true, resources: [bound] },
    ])
      expect(faultsOf(said)).toEqual([]);
  });
});
