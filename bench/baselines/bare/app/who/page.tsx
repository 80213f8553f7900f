// As a page has to be that says who is asking.
export const dynamic = "force-dynamic";

export default function Who() {
  return <p>Signed in as Nobody</p>;
}
