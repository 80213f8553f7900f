import { NextResponse } from "next/server";

export default function middleware() {
  return NextResponse.next();
}

// The product's matcher, so that all three run for the same requests.
export const config = {
  matcher: ["/((?!_next/static/).*)"],
};
