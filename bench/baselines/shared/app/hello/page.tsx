/** A page for everybody, as a developer adds one. */
export default function Hello() {
  return (
    <>
      <h1>Opening hours</h1>
      <p>We are open from nine to six, on every day but Sunday.</p>
    </>
  );
}
