import { authenticated, fetchServiceUserInfo } from "@/auth";

/** Tells what a connected service says of whoever asks. */
export const GET = authenticated(async (request) =>
  Response.json(await fetchServiceUserInfo(new URL(request.url).searchParams.get("service") ?? "")),
);
