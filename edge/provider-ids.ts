type Source = Readonly<Record<string, string | undefined>>;

/** The ids of the providers that the environment names, in order: those of `AUTH_PROVIDERS`, else every `AUTH_<ID>_ID`. */
export function namedProviders(source: Source): string[] {
  if (source.AUTH_PROVIDERS) return source.AUTH_PROVIDERS.split(",").map((id) => id.trim());
  const names = Object.keys(source).flatMap((name) =>
    source[name] ? (/^AUTH_([A-Z0-9_]+)_ID$/.exec(name)?.[1] ?? []) : [],
  );
  // Whose key signs a client secret, and which (AUTH_<ID>_TEAM_ID, _KEY_ID), is no client id.
  const isSigners = (name: string) => names.some((other) => name === `${other}_TEAM` || name === `${other}_KEY`);
  return names.filter((name) => !isSigners(name)).map((name) => name.toLowerCase().replaceAll("_", "-"));
}
