import type { FlagTexts } from '../../shared/server/options/parse-options.ts';

/**
 * Parses flags of unknown types, for other programs' command lines: `--name=value`, `--name value`, and `--name` alone
 * for true. Own flags are parsed by `flagsOfArguments`, which knows their types.
 */
export function givenFlags(args: readonly string[]): FlagTexts {
  const texts: [string, string][] = [];
  for (let at = 0; at < args.length; at++) {
    const match = /^--?([a-z][^=]*)(?:=(.*))?$/s.exec(args[at]!);
    if (match === null) throw new Error(`unknown command-line argument: ${args[at]}`);
    const [, name = '', value] = match;
    const next = args[at + 1];
    if (value !== undefined) texts.push([name, value]);
    else if (next === undefined || next.startsWith('-')) texts.push([name, 'true']);
    else texts.push([name, args[++at]!]);
  }
  return texts;
}
