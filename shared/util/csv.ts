/**
 * Parses comma-separated values as Go's encoding/csv does by default (RFC 4180): quoted fields may hold commas, line
 * breaks and doubled quotes; empty lines are skipped. Throws a SyntaxError that names the line.
 */
export function parseCSV(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let line = 1;
  let at = 0;
  const input = text.replace(/\r\n/g, '\n');

  function quoted(): string {
    let field = '';
    for (at++; ; at++) {
      const char = input[at];
      if (char === undefined)
        throw new SyntaxError(`record on line ${line}: extraneous or missing " in quoted-field`);
      if (char === '\n') line++;
      if (char !== '"') field += char;
      else if (input[at + 1] === '"') field += input[at++];
      else {
        at++;
        if (at < input.length && input[at] !== ',' && input[at] !== '\n') {
          throw new SyntaxError(`record on line ${line}: extraneous or missing " in quoted-field`);
        }
        return field;
      }
    }
  }

  function bare(): string {
    const end = /[,\n]|$/g;
    end.lastIndex = at;
    const field = input.slice(at, end.exec(input)!.index);
    if (field.includes('"')) throw new SyntaxError(`record on line ${line}: bare " in non-quoted field`);
    at += field.length;
    return field;
  }

  while (at < input.length) {
    if (record.length === 0 && input[at] === '\n') {
      at++;
      line++;
      continue;
    }
    for (;;) {
      record.push(input[at] === '"' ? quoted() : bare());
      if (input[at] !== ',') break;
      at++;
    }
    records.push(record);
    record = [];
    at++;
    line++;
  }
  return records;
}
