import "server-only";
import { fitForLog } from "../http/log";

const longest = 200;
// What is longer than any word, or an address: a provider's text may quote what it was sent, or whom it is about. The ids by
// which Entra's support finds a request have 36 characters.
const longestWord = 40;

/**
 * What a provider says in words (`error_description`), for the log alone: bounded, without what could be a token or somebody's
 * address, and with nothing that a terminal obeys. Undefined where it says nothing.
 *
 * Source: RFC 6749, sections 4.1.2.1 and 5.2.
 */
export function saidForLog(text: unknown): string | undefined {
  if (typeof text !== "string" || text === "") return undefined;
  const words = text.slice(0, 2 * longest).split(" ");
  const harmless = words.map((word) => (word.includes("@") || word.length >= longestWord ? "[…]" : word)).join(" ");
  return fitForLog(harmless).slice(0, longest);
}
