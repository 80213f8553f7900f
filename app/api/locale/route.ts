import { localeCookieName, parseLocale } from "@/messages/locales";
import { rememberChoice } from "@/server/http/remember-choice";

/** Remembers the language that somebody chose, and goes back to where they were. */
export const POST = (request: Request): Promise<Response> =>
  rememberChoice(request, { field: "locale", cookie: localeCookieName, parse: parseLocale });
