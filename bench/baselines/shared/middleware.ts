import { NextResponse } from "next/server";

/** Does nothing, for every request that the product's own runs for. */
export default function middleware() {
  return NextResponse.next();
}

export const config = {
  matcher: ["/((?!_next/static/|api/services/).*)"],
};
