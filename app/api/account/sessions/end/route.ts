import { endDevices } from "@/server/auth/sign-out/end-devices";
import { limited } from "@/server/sessions/guards/limited";

export const POST = limited("sign-out", endDevices);
