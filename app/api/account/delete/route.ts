import { deleteOwn } from "@/server/accounts/delete-form";
import { limited } from "@/server/sessions/guards/limited";

export const POST = limited("account", deleteOwn);
