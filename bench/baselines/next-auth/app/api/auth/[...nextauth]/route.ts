import { handlers } from "@/bench/baselines/next-auth/auth";

export const { GET, POST } = handlers;
