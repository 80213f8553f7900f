/** A page that says the same to everybody who may see it. */
export default function Gated() {
  return <p>For those who are signed in.</p>;
}
