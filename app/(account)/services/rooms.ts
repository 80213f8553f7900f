/** The services that have a page of their own here. One of yours gets its page in `[service]/page.tsx`, and its id here. */
export const rooms = ["shopping", "store", "notes"] as const;

export type Room = (typeof rooms)[number];

export function hasRoom(service: string): service is Room {
  return rooms.some((room) => room === service);
}
