/** The services that have a page of their own here. One of yours gets its page in `[service]/page.tsx`, and its id here. */
export const servicePages = ["shopping", "store", "notes"] as const;

export type ServicePageId = (typeof servicePages)[number];

export function hasServicePage(service: string): service is ServicePageId {
  return servicePages.some((page) => page === service);
}
