import "server-only";

const messages = {
  KEY_MISSING: "No vault key is configured.",
  KEY_UNKNOWN: "A stored token was sealed under a key that is not configured.",
  SEAL_BROKEN: "A stored token failed authentication.",
} as const;

export class VaultError extends Error {
  override readonly name = "VaultError";
  constructor(
    readonly code: keyof typeof messages,
    options?: ErrorOptions,
  ) {
    super(messages[code], options);
  }
}
