/** Reads a file of the program. Tables stay on disk until they are needed. */
declare module '*?text' {
  const readText: () => string;
  export default readText;
}
