import "server-only";
import { audited } from "../../audit/audit";
import type { ActiveSession } from "./active-session";

/** What a session tells its user is known now, on this device. Others go on telling it: who dismisses it may be the stranger. */
export async function dismissNotices({ id, deviceId }: ActiveSession): Promise<void> {
  await audited(async (tx) => {
    await tx.session.updateMany({ where: { id }, data: { notices: [] } });
    if (deviceId) await tx.device.updateMany({ where: { id: deviceId }, data: { notices: [] } });
  });
}
