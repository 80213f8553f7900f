import "server-only";
import type { ProviderSettings } from "./providers";

/** An account at a provider whose user administers. */
export interface AdminSubject {
  /** The provider's id. */
  provider: string;
  /** The provider's `sub`, to the letter. */
  subject: string;
}

/**
 * Reads `ADMIN_SUBJECTS`: `<provider>:<sub>`, separated by commas. Adds to `faults` what is wrong, by place, never by value.
 *
 * @param providers those of the environment
 */
export function readAdminSubjects(
  source: Readonly<Record<string, string | undefined>>,
  providers: readonly Pick<ProviderSettings, "id">[],
  faults: string[],
): AdminSubject[] {
  const text = source.ADMIN_SUBJECTS;
  if (!text) return [];
  return text.split(",").flatMap((entry, at) => {
    const [, provider, subject] = /^\s*([a-z][a-z0-9-]{0,31}):([\x21-\x7e]{1,255})\s*$/.exec(entry) ?? [];
    if (!provider || !subject) {
      faults.push(`ADMIN_SUBJECTS must be <provider>:<sub>, separated by commas; entry ${at + 1} is not.`);
      return [];
    }
    // Silently not in force, it would leave an administrator out.
    if (!providers.some(({ id }) => id === provider)) {
      faults.push(`ADMIN_SUBJECTS: entry ${at + 1} names a provider that the environment does not.`);
      return [];
    }
    return { provider, subject };
  });
}
