import { rememberChoice } from "@/server/http/remember-choice";
import { parseTheme, themeCookieName } from "@/ui/brand/theme";

/** Remembers whether somebody wants light or dark, and goes back to where they were. */
export const POST = (request: Request): Promise<Response> =>
  rememberChoice(request, { field: "theme", cookie: themeCookieName, parse: parseTheme });
