import { dismiss } from "@/server/accounts/dismiss-form";
import { limited } from "@/server/sessions/guards/limited";

export const POST = limited("account", dismiss);
