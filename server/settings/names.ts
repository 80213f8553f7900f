import "server-only";
import type daemun from "@/daemun.config";
import type { ProviderIdOf, RoleOf } from "@/edge/config";

/** A role that `daemun.config.ts` names; any text where it names none. */
export type Role = RoleOf<typeof daemun>;

/** A provider that `daemun.config.ts` names; any text where it names none. */
export type ProviderId = ProviderIdOf<typeof daemun>;
