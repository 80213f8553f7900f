import "server-only";

type Read = (claim: string) => string | null;

/**
 * What to call a user: `name`, else given and family name, else `nickname`, `preferred_username`, `username`.
 * A name that would show nothing is none.
 *
 * @param read the text of a claim, or null
 * Source: OpenID Connect Core 1.0, section 5.1; `username` is Logto's.
 */
export function displayName(read: Read): string | null {
  const shown = (claim: string) => visible(read(claim));
  return (
    shown("name") ??
    fullName(shown("given_name"), shown("family_name")) ??
    shown("nickname") ??
    shown("preferred_username") ??
    shown("username")
  );
}

/** A family name alone names a family. Korean ones stand in front, without a space. */
function fullName(given: string | null, family: string | null): string | null {
  if (given === null || family === null) return given;
  return isHangul(given) && isHangul(family) ? family + given : `${given} ${family}`;
}

function isHangul(text: string): boolean {
  return /^[가-힣]+$/.test(text);
}

/** Null for a text of blanks, controls and characters without a shape alone, such as U+200B, U+3164 or U+2800. */
function visible(text: string | null): string | null {
  return text !== null && /[^\s\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text) ? text : null;
}
