import "server-only";

/**
 * What exists once in a process. Next bundles its entries apart from each other: the state of a module exists once in each.
 *
 * @param name of its own, to the letter
 */
export function inProcess<T>(name: string, create: () => T): T {
  const key = Symbol.for(`daemun.${name}`);
  const shared = globalThis as unknown as Record<symbol, T | undefined>;
  shared[key] ??= create();
  return shared[key];
}
