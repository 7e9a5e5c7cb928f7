/** A file's text, bundled as a string: tables stay unparsed until they are asked for. */
declare module '*?raw' {
  const text: string;
  export default text;
}
