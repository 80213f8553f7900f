export { stepUp as GET } from "@/server/auth/step-up";
