import "server-only";

// Longer than any that is meant for a browser.
const longestHeader = 4096;

/**
 * The schemes of the challenges in a `WWW-Authenticate` header, in lower case; null where it is too long, or a quoted text
 * has no end. Read once from front to back: a service can send what it likes.
 *
 * Source: RFC 9110, section 11.6.1: a scheme is a token that no `=` follows.
 */
export function challengeSchemes(header: string, longest = longestHeader): string[] | null {
  const unquoted = header.length > longest ? null : withoutQuoted(header);
  if (unquoted === null) return null;
  return unquoted.split(",").flatMap((part) => {
    const [first = "", second = ""] = part.trim().split(/\s+/);
    return first === "" || first.includes("=") || second.startsWith("=") ? [] : [first.toLowerCase()];
  });
}

function withoutQuoted(text: string): string | null {
  const kept: string[] = [];
  let isQuoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (isQuoted && character === "\\") at += 1;
    else if (character === '"') {
      if (!isQuoted) kept.push(text.slice(from, at));
      isQuoted = !isQuoted;
      from = at + 1;
    }
  }
  return isQuoted ? null : kept.concat(text.slice(from)).join('""');
}
