/**
 * Lines of cells under each other, three blanks apart, as kubectl prints a table. Cells may hold what anybody wrote into
 * an object: of each its first line, and nothing that a terminal would obey.
 */
export function alignColumns(lines: readonly (readonly string[])[]): string {
  const shown = lines.map((line) => line.map(oneLine));
  const widths: number[] = [];
  for (const line of shown) {
    for (const [column, cell] of line.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return shown
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]! + 3))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

/** The rest is told by dots, as kubectl does. */
function oneLine(text: string): string {
  const [first = '', ...rest] = text.split(/[\f\n\r\u2028\u2029]/);
  return printable(rest.length === 0 ? first : `${first}...`);
}

/** Control characters as `^[`, those above 0x7f as `\u009b`; so that no text moves the cursor or asks the terminal anything. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => {
    const code = character.charCodeAt(0);
    if (code > 0x7f) return `\\u00${code.toString(16)}`;
    return `^${String.fromCharCode(code ^ 0x40)}`;
  });
}
