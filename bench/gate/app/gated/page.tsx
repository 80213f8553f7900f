export const dynamic = "force-static";

export default function Gated() {
  return <main>For those who are signed in.</main>;
}
