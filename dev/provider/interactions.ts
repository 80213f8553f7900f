import type { IncomingMessage, ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import { z } from "zod";
import type { IssuerState } from "./issuer-state";
import { consentPage } from "./pages/consent";
import { type AccountField, createAccountPage } from "./pages/create-account";
import { expiredPage } from "./pages/error";
import { pageHeaders } from "./pages/layout";
import { signInPage } from "./pages/sign-in";
import { languageOf, words } from "./pages/words";
import { levelFor, methodsOf } from "./prompts";
import { routes } from "./routes";

type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>;

interface Visit {
  state: IssuerState;
  provider: Provider;
  request: IncomingMessage;
  response: ServerResponse;
  interaction: Interaction;
  form: URLSearchParams;
}

/**
 * Answers a request below `/interaction/<uid>`: the sign-in page, its forms, and the registration page.
 * Which sign-in it belongs to is told by a cookie that only this path gets, so no form needs another secret.
 */
export async function handleInteraction(
  state: IssuerState,
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  form: URLSearchParams,
): Promise<void> {
  const action = new URL(request.url ?? "/", state.issuer).pathname.split("/")[3] ?? "";
  let interaction: Interaction;
  try {
    interaction = await provider.interactionDetails(request, response);
  } catch {
    return sendPage(response, 400, expiredPage(request.headers["accept-language"]));
  }
  const visit = { state, provider, request, response, interaction, form };
  const posted = request.method === "POST";
  if (posted && action === "login") return signIn(visit);
  if (posted && action === "create") return createAccount(visit);
  const asksForConsent = interaction.prompt.name === "consent";
  if (posted && action === "consent" && asksForConsent) {
    return provider.interactionFinished(request, response, { consent: {} });
  }
  if (posted && action === "cancel") {
    return provider.interactionFinished(request, response, {
      error: "access_denied",
      error_description: "the person cancelled the sign-in",
    });
  }
  if (asksForConsent) return showConsent(visit);
  const registers = action === "create" || (action === "" && interaction.prompt.name === "create");
  return registers ? showCreateAccount(visit, {}, {}) : showSignIn(visit);
}

async function signIn(visit: Visit): Promise<void> {
  const { users } = visit.state;
  const chosen = visit.form.get("person");
  if (chosen !== null) {
    const user = users.get(chosen);
    return user ? finish(visit, user.sub) : showSignIn(visit);
  }
  const login = visit.form.get("login") ?? "";
  const user = users.getByLogin(login) ?? users.list().find(({ email }) => email !== undefined && email === login);
  if (!user || user.password !== visit.form.get("password")) return showSignIn(visit, login);
  return finish(visit, user.sub);
}

const accountSchema = z.object({
  name: z.string().trim().min(1).max(100),
  email: z.email(),
  login: z.string().regex(/^[A-Za-z0-9._-]{2,50}$/),
  password: z.string().min(6).max(200),
});

async function createAccount(visit: Visit): Promise<void> {
  const values = Object.fromEntries(visit.form) as Partial<Record<AccountField, string>>;
  const text = words[languageOfVisit(visit)];
  const parsed = accountSchema.safeParse(values);
  if (!parsed.success) {
    const fields = parsed.error.issues.map(({ path }) => path[0] as AccountField);
    return showCreateAccount(visit, values, Object.fromEntries(fields.map((field) => [field, text.errors[field]])));
  }
  const { users } = visit.state;
  if (users.getByLogin(parsed.data.login)) {
    return showCreateAccount(visit, values, { login: text.errors.loginTaken });
  }
  const user = users.register(parsed.data, visit.state.clock.nowSeconds() * 1000);
  return finish(visit, user.sub);
}

function finish({ provider, request, response, interaction }: Visit, accountId: string): Promise<void> {
  const acr = levelFor(interaction.params.acr_values);
  // One page settles every prompt that asks who somebody is.
  return provider.interactionFinished(request, response, {
    login: { accountId, acr, amr: methodsOf[acr] },
    create: {},
    select_account: {},
  });
}

function showConsent(visit: Visit): void {
  const { state, interaction } = visit;
  const page = consentPage({
    language: languageOfVisit(visit),
    issuerName: state.name,
    clientName: clientNameOf(visit),
    path: `${routes.interaction}/${interaction.uid}`,
    scopes: String(interaction.params.scope ?? "").split(" "),
  });
  sendPage(visit.response, 200, page);
}

async function showSignIn(visit: Visit, rejectedLogin?: string): Promise<void> {
  const { state, interaction } = visit;
  const hint = String(interaction.params.login_hint ?? "");
  const accountId = interaction.session?.accountId;
  const page = signInPage({
    language: languageOfVisit(visit),
    issuer: state.issuer,
    issuerName: state.name,
    clientName: clientNameOf(visit),
    path: `${routes.interaction}/${interaction.uid}`,
    users: state.users.list(),
    loginHint: hint,
    suggested: hint ? state.users.getByHint(hint) : undefined,
    signedIn: accountId ? state.users.get(accountId) : undefined,
    stepUp: levelFor(interaction.params.acr_values) === "urn:daemun:acr:2",
    ...(rejectedLogin === undefined ? {} : { rejectedLogin }),
  });
  sendPage(visit.response, rejectedLogin === undefined ? 200 : 400, page);
}

async function showCreateAccount(
  visit: Visit,
  values: Partial<Record<AccountField, string>>,
  problems: Partial<Record<AccountField, string>>,
): Promise<void> {
  const page = createAccountPage({
    language: languageOfVisit(visit),
    issuerName: visit.state.name,
    clientName: clientNameOf(visit),
    path: `${routes.interaction}/${visit.interaction.uid}`,
    values,
    problems,
  });
  sendPage(visit.response, Object.keys(problems).length > 0 ? 400 : 200, page);
}

function clientNameOf({ state, interaction }: Visit): string {
  const clientId = String(interaction.params.client_id);
  return state.clients.get(clientId)?.name ?? clientId;
}

function languageOfVisit({ request, interaction }: Visit) {
  return languageOf(interaction.params.ui_locales, request.headers["accept-language"]);
}

function sendPage(response: ServerResponse, status: number, page: string): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(pageHeaders())) response.setHeader(name, value);
  response.end(page);
}
