/** Flags of a command line as Go's programs take them: `--name=value`, `--name value`, and `--name` alone for true. */
export function givenFlags(args: readonly string[]): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const match = /^--?([a-z][^=]*)(?:=(.*))?$/s.exec(args[at]!);
    if (match === null) throw new Error(`unknown command-line argument: ${args[at]}`);
    const [, name = '', value] = match;
    const next = args[at + 1];
    if (value !== undefined) flags.set(name, value);
    else if (next === undefined || next.startsWith('-')) flags.set(name, 'true');
    else flags.set(name, args[++at]!);
  }
  return flags;
}
