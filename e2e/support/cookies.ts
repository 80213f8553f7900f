/** The session cookie of an app on loopback http, whose port is in its name. */
export function sessionCookie(appUrl: string): string {
  return `daemun.session.${new URL(appUrl).port}`;
}
