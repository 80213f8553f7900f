import "server-only";
import type { PresetTraits } from "@/edge/config";

/**
 * A kind of provider as data: what to ask it for, and how it differs from the standard. `daemun.config.ts` may say any of it in
 * its place. Where it is the same for everybody it names its issuer, else the form that an issuer has there.
 */
export interface Preset extends PresetTraits {
  names?: { en: string; ko: string };
  issuer?: string;
  issuerForm?: string;
}
