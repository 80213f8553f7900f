import type { IncomingMessage, ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import { z } from "zod";
import type { IssuerState } from "./issuer-state";
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
  if (posted && action === "cancel") {
    return provider.interactionFinished(request, response, {
      error: "access_denied",
      error_description: "the person cancelled the sign-in",
    });
  }
  const registers = action === "create" || (action === "" && interaction.prompt.name === "create");
  return registers ? showCreateAccount(visit, {}, {}) : showSignIn(visit);
}

async function signIn(visit: Visit): Promise<void> {
  const { people } = visit.state;
  const chosen = visit.form.get("person");
  if (chosen !== null) {
    const person = people.get(chosen);
    return person ? finish(visit, person.sub) : showSignIn(visit);
  }
  const login = visit.form.get("login") ?? "";
  const person = people.getByLogin(login) ?? people.list().find(({ email }) => email !== undefined && email === login);
  if (!person || person.password !== visit.form.get("password")) return showSignIn(visit, login);
  return finish(visit, person.sub);
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
  const { people } = visit.state;
  if (people.getByLogin(parsed.data.login)) {
    return showCreateAccount(visit, values, { login: text.errors.loginTaken });
  }
  const person = people.register(parsed.data, visit.state.clock.nowSeconds() * 1000);
  return finish(visit, person.sub);
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
    people: state.people.list(),
    loginHint: hint,
    suggested: hint ? state.people.getByHint(hint) : undefined,
    signedIn: accountId ? state.people.get(accountId) : undefined,
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
