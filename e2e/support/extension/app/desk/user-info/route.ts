import { authenticated, fetchServiceUserInfo, type ServiceId } from "@/auth";

/** Tells what a connected service says of whoever asks. */
export const GET = authenticated(async (request) =>
  Response.json(await fetchServiceUserInfo(new URL(request.url).searchParams.get("service") as ServiceId)),
);
