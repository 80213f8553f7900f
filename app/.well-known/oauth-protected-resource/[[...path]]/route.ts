import { describeResource } from "@/server/sessions/guards/bearer/resource-metadata";

export function GET(request: Request): Response {
  return describeResource(request);
}
