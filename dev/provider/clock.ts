/**
 * A clock that tests can move. oidc-provider reads Date itself, so the real clock is never touched; instead stored
 * times are read relative to this one (store.ts), and times in signed tokens are moved on their way out.
 */
export class MovableClock {
  offsetSeconds = 0;

  /** Seconds since 1970 as this issuer sees them. */
  nowSeconds(): number {
    return Math.floor(Date.now() / 1000) + this.offsetSeconds;
  }
}
