import type { FlagTexts } from '../../shared/server/options/parse-options.ts';

/**
 * Flags of somebody else's command line, whose kinds aren't known: `--name=value`, `--name value`, and `--name` alone
 * for true. Those of our own go through `flagsOfArguments`, which knows what takes a value.
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
