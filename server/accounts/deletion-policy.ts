import "server-only";
import daemun from "@/daemun.config";
import type { Configuration } from "@/edge/config";
import { env } from "../settings/env";

const config: Configuration = daemun;

/** How many days pass between a user's request to delete their account and its deletion; 0 for none. */
export function deletionGraceDays(): number {
  return env().deletionGraceDays ?? config.account?.deletionGraceDays ?? 14;
}
