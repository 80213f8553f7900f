import type { Habits } from "./habits";

/** Shapes taken from the providers' own documentation, which server/settings/presets names. */

const openid = { openid: "openid", profile: "profile", email: "email" };
const offline = { ...openid, offline_access: "offline_access" };
const same = (claims: Record<string, unknown>) => claims;

/** The claims without some, and with others in their place. */
function shaped(drop: readonly string[], make: (claims: Record<string, unknown>) => Record<string, unknown>) {
  return (claims: Record<string, unknown>) => {
    const kept = Object.entries(claims).filter(([name]) => !drop.includes(name) && !ofLogto.includes(name));
    const made = Object.entries(make(claims)).filter(([, value]) => value !== undefined);
    return { ...Object.fromEntries(kept), ...Object.fromEntries(made) };
  };
}

// What nobody but Logto says.
const ofLogto = ["roles", "organizations", "organization_data", "organization_roles", "custom_data", "identities"];
const ofAProfile = [
  ..."name given_name family_name middle_name nickname username preferred_username picture".split(" "),
  ..."profile website gender birthdate zoneinfo locale created_at updated_at".split(" "),
];
const rolesIn = ({ roles }: Record<string, unknown>) => (Array.isArray(roles) ? (roles as string[]) : []);

/** Tests give roles and organizations with every sign-in: the library releases them by scopes that others do not have. */
export const logto: Habits = {
  dialect: "resource",
  scopes: {
    ...offline,
    roles: "roles",
    "urn:logto:scope:organizations": "urn:logto:scope:organizations",
    "urn:logto:scope:organization_roles": "urn:logto:scope:organization_roles",
  },
  prompts: ["login", "consent", "none"],
  parameters: ["first_screen", "resource"],
  authentication: "client_secret_basic",
  idToken: same,
  userInfo: same,
};

export const google: Habits = {
  dialect: "resource",
  scopes: { ...openid },
  prompts: ["none", "consent", "select_account"],
  parameters: ["access_type", "hd", "include_granted_scopes"],
  authentication: "client_secret_post",
  metadata: { end_session_endpoint: null, prompt_values_supported: null },
  idToken: shaped([], () => ({ hd: "company.example" })),
  userInfo: shaped([], () => ({ hd: "company.example" })),
};

export const entra: Habits = {
  dialect: "scope",
  scopes: { ...offline },
  prompts: ["login", "none", "consent", "select_account"],
  parameters: ["domain_hint"],
  authentication: "client_secret_post",
  // It says neither what it makes of PKCE nor which prompts it knows.
  metadata: { code_challenge_methods_supported: null, prompt_values_supported: null, revocation_endpoint: null },
  idToken: shaped(["email_verified"], (claims) => ({
    tid: "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    oid: `oid-${claims.sub}`,
    roles: rolesIn(claims),
    xms_edov: true,
  })),
  // Microsoft Graph's says less.
  userInfo: shaped(["email_verified"], () => ({})),
};

export const keycloak: Habits = {
  dialect: "scopes",
  scopes: { ...offline, "organization:*": "urn:logto:scope:organizations", roles: "roles" },
  prompts: ["none", "login", "consent", "create", "select_account"],
  authentication: "client_secret_basic",
  metadata: { scopes_supported: ["openid", "profile", "email", "offline_access", "organization"] },
  idToken: shaped([], (claims) => ({
    realm_access: { roles: [...rolesIn(claims), "default-roles-company"] },
    resource_access: { account: { roles: ["manage-account"] } },
    organization: claims.organizations,
  })),
  userInfo: shaped([], (claims) => ({ organization: claims.organizations })),
};

export const auth0: Habits = {
  dialect: "audience",
  scopes: { ...offline },
  prompts: ["none", "login", "consent", "select_account"],
  parameters: ["screen_hint", "connection", "organization"],
  authentication: "client_secret_basic",
  metadata: { prompt_values_supported: null },
  idToken: shaped([], (claims) => ({ "https://company.example/roles": rolesIn(claims), org_id: "org_hanok" })),
  userInfo: shaped([], () => ({})),
};

export const okta: Habits = {
  dialect: "scopes",
  scopes: { ...offline },
  prompts: ["none", "login", "consent", "enroll_authenticator"],
  authentication: "client_secret_basic",
  idToken: shaped([], (claims) => ({ groups: ["Everyone", ...rolesIn(claims)] })),
  userInfo: shaped([], (claims) => ({ groups: ["Everyone", ...rolesIn(claims)] })),
};

export const cognito: Habits = {
  dialect: "scopes",
  scopes: { ...openid },
  prompts: ["none", "login", "consent", "select_account"],
  authentication: "client_secret_basic",
  metadata: { prompt_values_supported: null },
  idToken: shaped([], (claims) => ({
    "cognito:groups": rolesIn(claims).length > 0 ? rolesIn(claims) : undefined,
    "cognito:username": claims.sub,
  })),
  userInfo: shaped([], ({ email_verified }) => ({
    email_verified: email_verified === undefined ? undefined : String(email_verified),
  })),
  signOut: { redirect: "logout_uri", known: ["client_id", "state"] },
};

export const zitadel: Habits = {
  dialect: "scopes",
  scopes: {
    ...offline,
    "urn:zitadel:iam:org:project:roles": "roles",
    "urn:zitadel:iam:user:resourceowner": "urn:logto:scope:organizations",
  },
  prompts: ["none", "login", "select_account", "create", "consent"],
  authentication: "client_secret_basic",
  idToken: shaped([], (claims) => ({
    "urn:zitadel:iam:org:project:roles": Object.fromEntries(
      rolesIn(claims).map((role) => [role, { "2281": "example" }]),
    ),
    "urn:zitadel:iam:user:resourceowner:id": "2281",
  })),
  userInfo: shaped([], () => ({})),
};

export const apple: Habits = {
  dialect: "resource",
  scopes: { openid: "openid", name: "profile", email: "email" },
  prompts: [],
  needs: { response_mode: "form_post" },
  authentication: "signed_secret",
  metadata: {
    userinfo_endpoint: null,
    end_session_endpoint: null,
    code_challenge_methods_supported: null,
    prompt_values_supported: null,
    token_endpoint_auth_methods_supported: ["client_secret_post"],
  },
  // Its ID tokens have no name: that comes beside the code.
  idToken: shaped(ofAProfile, ({ email_verified }) => ({
    email_verified: email_verified === undefined ? undefined : String(email_verified),
    is_private_email: "false",
  })),
  userInfo: same,
};

export const line: Habits = {
  dialect: "resource",
  scopes: { ...openid },
  prompts: ["none", "login", "consent"],
  parameters: ["bot_prompt", "initial_amr_display"],
  authentication: "client_secret_post",
  metadata: {
    end_session_endpoint: null,
    id_token_signing_alg_values_supported: ["ES256"],
    prompt_values_supported: null,
  },
  idToken: shaped(["email_verified"], () => ({})),
  userInfo: shaped(["email_verified"], () => ({})),
  signsByKeyType: true,
};

export const kakao: Habits = {
  dialect: "resource",
  scopes: { openid: "openid", profile_nickname: "profile", profile_image: "profile", account_email: "email" },
  prompts: ["none", "login", "create", "select_account", "consent"],
  parameters: ["service_terms"],
  authentication: "client_secret_post",
  metadata: { end_session_endpoint: null, prompt_values_supported: null, revocation_endpoint: null },
  idToken: shaped(
    ["name", "email_verified", "username", "preferred_username", "given_name", "family_name"],
    (claims) => ({
      nickname: claims.name,
    }),
  ),
  userInfo: shaped(
    ["name", "email_verified", "username", "preferred_username", "given_name", "family_name"],
    (claims) => ({
      nickname: claims.name,
    }),
  ),
};

export const naver: Habits = {
  dialect: "resource",
  scopes: { openid: "openid", profile: "profile" },
  prompts: [],
  exchangeNeeds: { state: null },
  authentication: "client_secret_post",
  metadata: { end_session_endpoint: null, prompt_values_supported: null, revocation_endpoint: null },
  idToken: shaped(["name", "picture", "email", "email_verified", "username", "preferred_username"], () => ({})),
  userInfo: (claims) => ({
    resultcode: "00",
    message: "success",
    response: { id: `naver-${claims.sub}`, name: claims.name, email: `${claims.sub}@naver.example` },
  }),
};

export const gitlab: Habits = {
  dialect: "resource",
  scopes: { ...openid },
  prompts: [],
  authentication: "client_secret_basic",
  metadata: { end_session_endpoint: null, prompt_values_supported: null },
  idToken: shaped([], () => ({ groups_direct: ["company/platform"] })),
  userInfo: shaped([], () => ({ groups: ["company/platform", "company"] })),
};

export const slack: Habits = {
  dialect: "resource",
  scopes: { ...openid },
  prompts: [],
  parameters: ["team"],
  authentication: "client_secret_post",
  metadata: { end_session_endpoint: null, code_challenge_methods_supported: null, prompt_values_supported: null },
  idToken: shaped([], () => ({ "https://slack.com/team_id": "T0R7GR" })),
  userInfo: shaped([], () => ({ "https://slack.com/team_id": "T0R7GR" })),
};
