/** Reads a file of the program: tables stay on the disk until they are asked for. */
declare module '*?text' {
  const readText: () => string;
  export default readText;
}
