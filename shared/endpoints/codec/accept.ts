/** Parses the Accept header as upstream's goautoneg does. */

export interface AcceptClause {
  readonly type: string;
  readonly subType: string;
  readonly q: number;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Clauses in descending order of preference; clauses of equal preference keep their order, wildcards last. */
export function parseAccept(header: string): AcceptClause[] {
  const clauses: AcceptClause[] = [];
  for (const part of header.split(',')) {
    const [mediaType = '', ...parameterTexts] = part.split(';');
    const [type = '', subType, ...rest] = mediaType.trim().split('/');
    if (rest.length > 0) continue;
    if (subType === undefined && type !== '*') continue;
    const parameters = new Map<string, string>();
    let q = 1;
    for (const text of parameterTexts) {
      const separator = text.indexOf('=');
      if (separator < 0) continue;
      const name = text.slice(0, separator).trim();
      const value = text.slice(separator + 1).trim();
      if (name === 'q') q = Number.isFinite(Number.parseFloat(value)) ? Number.parseFloat(value) : 1;
      else parameters.set(name, value);
    }
    clauses.push({ type: type.trim(), subType: (subType ?? '*').trim(), q, parameters });
  }
  return clauses.sort((a, b) => b.q - a.q || wildcards(a) - wildcards(b));
}

function wildcards({ type, subType }: AcceptClause): number {
  return (type === '*' ? 2 : 0) + (subType === '*' ? 1 : 0);
}
