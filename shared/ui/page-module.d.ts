/** The page whole: its style and script are in it, and its policy lets no others in. */
declare module '*?page' {
  const html: string;
  export default html;
}
