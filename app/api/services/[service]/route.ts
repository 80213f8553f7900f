import { proxy } from "@/server/services/proxy";

// A service alone has no path to ask for. Without a route Next would answer with a page, which no gate stands in front of.
export { proxy as DELETE, proxy as GET, proxy as HEAD, proxy as OPTIONS, proxy as PATCH, proxy as POST, proxy as PUT };
