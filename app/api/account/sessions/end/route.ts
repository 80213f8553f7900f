export { endDevices as POST } from "@/server/auth/end-devices";
