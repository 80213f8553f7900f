import type { DeviceKind } from "@/server/sessions/registry/device";
import { IconDisc } from "@/ui/icon-disc";

const shapes = {
  phone:
    "M8.5 2.75h7A1.75 1.75 0 0 1 17.25 4.5v15a1.75 1.75 0 0 1-1.75 1.75h-7a1.75 1.75 0 0 1-1.75-1.75v-15A1.75 1.75 0 0 1 8.5 2.75zM10.75 18.25h2.5",
  desktop:
    "M4.5 4.25h15A1.75 1.75 0 0 1 21.25 6v8.5a1.75 1.75 0 0 1-1.75 1.75h-15a1.75 1.75 0 0 1-1.75-1.75V6A1.75 1.75 0 0 1 4.5 4.25zM12 16.5v3.25M8.25 20h7.5",
  unknown:
    "M12 2.75a9.25 9.25 0 1 1 0 18.5 9.25 9.25 0 0 1 0-18.5zM9.25 9.5a2.75 2.75 0 1 1 4.4 2.2c-1.05.8-1.65 1.3-1.65 2.55M12 17.2v.1",
} satisfies Record<DeviceKind, string>;

export function DeviceIcon({ kind, emphasised }: { kind: DeviceKind; emphasised: boolean }) {
  return <IconDisc shape={shapes[kind]} emphasised={emphasised} />;
}
