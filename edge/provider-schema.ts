import { z } from "zod";
import {
  deadlinesSchema,
  host,
  labelsSchema,
  parametersSchema,
  revocationSchema,
  scopeLabelsSchema,
  scopeToken,
  seconds,
} from "./config-parts";

/**
 * What is known of a kind of provider: a preset says it (server/settings/presets), and `daemun.config.ts` may say any of it
 * in the preset's place.
 */

// One word: in a request they are separated by spaces (OpenID Connect Core 1.0, section 3.1.2.1).
const acrValue = z.string().regex(/^[^\s\p{Cc}]{1,255}$/u, "must be one word");

const prompt = z
  .string()
  .regex(
    /^(?:login|select_account|consent)(?: (?:login|select_account|consent))*$/,
    "must be login, select_account or consent, or several separated by single spaces",
  );

export const tokenDialectSchema = z.enum(["resource", "one-resource", "audience", "scope", "scopes", "plain"]);

const claimPath = z.string().min(1).max(200);
const claimPaths = z.union([claimPath, z.array(claimPath).min(1).max(10)]);

const claimsSchema = z.strictObject({
  /**
   * Where roles are: the name of a claim, or a path into one with dots; several are read together. `{clientId}` stands for
   * this app's client id.
   */
  roles: claimPaths.exactOptional(),
  /** Where the ids of the user's organizations are. */
  organizations: claimPaths.exactOptional(),
  /** Where `<organization>:<role>` is. */
  organizationRoles: claimPaths.exactOptional(),
});

const emailProofSchema = z.union([
  /** Every address that it gives is verified; none is. */
  z.enum(["always", "never"]),
  z.strictObject({
    /** The claim that says so. */
    claim: z.string().min(1).max(100),
    /** Whether the text `"true"` says it too, or a number other than 0. */
    orText: z.boolean().exactOptional(),
  }),
]);

export const clientAuthenticationSchema = z.enum([
  "client_secret_basic",
  "client_secret_post",
  "private_key_jwt",
  "none",
  /** A client secret that is a JWT, signed by a key of ours: Apple's way. */
  "signed_secret",
]);

// Signatures that only the holder of a private key can make. `none` and the HS family are left out for good: with
// them, whoever knows the client secret (or nothing) is the provider.
export const idTokenAlgSchema = z.enum([
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
]);

const oauth2Schema = z.strictObject({
  authorizationEndpoint: z.url(),
  tokenEndpoint: z.url(),
  userinfoEndpoint: z.url(),
  revocationEndpoint: z.url().exactOptional(),
  /** The member of userinfo that names the user for good. */
  subject: z.string().min(1).max(100),
  /** Where the user's addresses are listed with `email`, `primary` and `verified`, if userinfo does not vouch for one. */
  emailsEndpoint: z.url().exactOptional(),
});

const scope = z.string().min(1).max(2000);

// Each name stands for what the issuer says, where a provider is in many places.
const accountPageSchema = z
  .string()
  .max(500)
  .refine((address) => {
    const filled = address.replace("{issuer}", "https://issuer.example").replace("{origin}", "https://issuer.example");
    return URL.canParse(filled) && new URL(filled).protocol === "https:";
  }, "must be an https address, which may begin with {issuer} or {origin}");

export const traitsSchema = z.strictObject({
  /**
   * Where users change there what it says of them: the page of their account. `{issuer}` and `{origin}` at its beginning stand
   * for the issuer, and for its origin.
   */
  accountPage: accountPageSchema.exactOptional(),
  /** Scopes of a sign-in, separated by spaces. */
  scope,
  /**
   * Scopes that are asked for besides where the provider's metadata names them; `offline_access` also where it names none at
   * all: some providers refuse a whole sign-in for one that they do not know.
   */
  scopesWhereSupported: z.array(scopeToken).exactOptional(),
  /** The `prompt` of an ordinary sign-in. */
  prompt: z.union([prompt, z.null()]).exactOptional(),
  /** The `prompt` that has it authenticate a user once more, where it does not know `login`. */
  freshPrompt: prompt.exactOptional(),
  /** Parameters that open its registration page; false where it has none. Left out, `prompt=create` where metadata names it. */
  signUp: z.union([z.record(z.string(), z.string().max(100)), z.literal(false)]).exactOptional(),
  /** Parameters of every authorization request. */
  authorizationParameters: parametersSchema.exactOptional(),
  /** Parameters of every code exchange. */
  tokenParameters: parametersSchema.exactOptional(),
  /** Whether the code exchange repeats the `state`. */
  sendsState: z.boolean().exactOptional(),
  /** How its answer comes back: by `query` as usual, or posted as a form. */
  responseMode: z.enum(["query", "form_post"]).exactOptional(),
  /** Hosts besides the issuer's own on which this provider keeps endpoints. No secret goes to any other host. */
  endpointHosts: z.array(host).exactOptional(),
  /** How it is asked for a token of an API resource. */
  tokenDialect: tokenDialectSchema.exactOptional(),
  /** Resources that it wants to see in every authorization request, and that are no API. */
  reservedResources: z.array(z.string()).exactOptional(),
  claims: claimsSchema.exactOptional(),
  /** What says that an address is verified; the claim `email_verified`, if absent. */
  emailProof: emailProofSchema.exactOptional(),
  /** Where its userinfo is not the standard's: claims stand in a member of it, and it has no `sub` to compare. */
  userInfo: z
    .strictObject({ member: z.string().min(1).exactOptional(), hasSubject: z.boolean().exactOptional() })
    .exactOptional(),
  /**
   * What revoking a refresh token takes away there: `token`, that one sign-in's alone; `grant`, by default, all that the user
   * has granted to this app. There it waits until the user's last session has ended.
   */
  revocation: revocationSchema.exactOptional(),
  /** Where its own session ends, if not by OpenID Connect RP-Initiated Logout 1.0. */
  logout: z
    .strictObject({
      endpoint: z.url().exactOptional(),
      /** The parameter that says where to come back to; `post_logout_redirect_uri`, if absent. */
      redirectParameter: z.string().min(1).exactOptional(),
      /** Whether it knows the user by the ID token. */
      idTokenHint: z.boolean().exactOptional(),
    })
    .exactOptional(),
  clientAuthentication: clientAuthenticationSchema.exactOptional(),
  /** Whom an assertion of `private_key_jwt` is for: the `issuer`, if absent, or the `token_endpoint`, as Ory Hydra wants it. */
  assertionAudience: z.enum(["issuer", "token_endpoint"]).exactOptional(),
  /**
   * Whether authorization requests are sent to the provider ahead of the browser (RFC 9126); where its metadata requires that,
   * they are anyway.
   */
  pushedAuthorization: z.boolean().exactOptional(),
  /** Whether its access tokens are bound to a key of this app's (DPoP, RFC 9449), unless a resource says otherwise. */
  dpop: z.boolean().exactOptional(),
  /** Its access tokens, as routes with the option `bearer` are given them. */
  accessTokens: z
    .strictObject({
      /**
       * Whether a JWT must say `typ: at+jwt` (RFC 9068), as it must by default. Of a provider that does not say so, what an ID
       * token has and an access token has not is refused instead.
       */
      requireTyp: z.boolean().exactOptional(),
      /** Whether tokens that are no JWT are asked about at its introspection endpoint (RFC 7662), by this app's own client. */
      introspection: z.boolean().exactOptional(),
    })
    .exactOptional(),
  /** The one algorithm of this client's ID and logout tokens; any asymmetric one that metadata lists, if absent. */
  idTokenAlg: idTokenAlgSchema.exactOptional(),
  /** For a provider without ID tokens (OAuth 2.0 alone): where it is, and what names the user. */
  oauth2: oauth2Schema.exactOptional(),
  /** For a provider with an issuer for each tenant. Which tenants may come in, `signIn.tenants` says. */
  tenants: z
    .strictObject({
      /** What an issuer has to be, with `{tenantid}` for the claim `tid`. */
      issuer: z.string().max(500),
      /** What stands there in its place in an issuer for users of many tenants. */
      shared: z.array(z.string()).min(1),
    })
    .exactOptional(),
});

const domains = z.array(z.string().regex(/^[a-z0-9.-]+\.[a-z]{2,}$/, "must be a domain in lower case")).min(1);
const names = z.array(z.string().min(1).max(200)).min(1);

/** Who may sign in: each rule that is there has to let the user in. */
const signInSchema = z.strictObject({
  /** Domains of addresses; only one that this provider has verified counts. */
  emailDomains: domains.exactOptional(),
  /** The claim `hd`: Google's name of a Workspace organization. */
  hostedDomains: domains.exactOptional(),
  /** The claim `tid`: Entra's tenants; `any` where everybody's may come in. */
  tenants: z.union([z.literal("any"), names]).exactOptional(),
  /** One of these roles is needed. */
  roles: names.exactOptional(),
  /** One of these is needed in the claim `groups`. */
  groups: names.exactOptional(),
});

export const providerSchema = traitsSchema.extend({
  scope: scope.exactOptional(),
  /** What people call it, by language; `AUTH_<ID>_NAME`, or the preset's name, in those that are left out. */
  labels: labelsSchema.exactOptional(),
  /** What people call scopes of a sign-in that the app has no words for. */
  scopeLabels: scopeLabelsSchema.exactOptional(),
  /**
   * Whether its roles and organizations open anything here. By default those of the only provider do; with several, each
   * one's count only where this says true. Do not say it of a provider that others administer.
   */
  trustRoles: z.boolean().exactOptional(),
  /** Whether the addresses that it has verified count: all, or those of these domains. By default as with roles. */
  trustEmail: z.union([z.boolean(), domains]).exactOptional(),
  /** Addresses count as verified though it does not say so: all, or those of these domains. Off by default. */
  assumeEmailVerified: z.union([z.literal(true), domains]).exactOptional(),
  /** Who may sign in; everybody whom the provider signs in, if absent. */
  signIn: signInSchema.exactOptional(),
  /** False lets only those in who have signed in here before. */
  newUsers: z.boolean().exactOptional(),
  /** Its authentication contexts (`acr`), the weakest first: what asks for one is satisfied by any after it. */
  acrLevels: z.array(acrValue).min(1).exactOptional(),
  /** For how many seconds claims that were fetched from userinfo are served again. 0, and so never, by default. */
  userInfoSeconds: z.int().min(0).max(86_400).exactOptional(),
  /**
   * How often, in seconds, the provider is asked whether it still honours the sign-in of an active user; 900 by default. 0
   * turns that off: whom it has disabled then keeps the session until a token is needed.
   */
  recheckSeconds: z.union([z.literal(0), z.int().min(1).max(86_400)]).exactOptional(),
  /** What becomes of a session whose refresh the provider refuses: it ends, by default, or goes on without roles. */
  onRefusedRefresh: z.enum(["end", "drop-roles"]).exactOptional(),
  /** Deadlines of sessions that begin at this provider, in place of the general ones. Without `remembered` it offers no such sign-in. */
  session: z
    .strictObject({
      idleSeconds: seconds.exactOptional(),
      absoluteSeconds: seconds.exactOptional(),
      remembered: z.union([deadlinesSchema, z.literal(false)]).exactOptional(),
    })
    .exactOptional(),
});
