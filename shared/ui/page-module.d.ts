/** The complete page, with style and script inlined; its content security policy allows no others. */
declare module '*?page' {
  const html: string;
  export default html;
}
