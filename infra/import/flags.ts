/** Flags of a release's kube-apiserver, as its `--help` shows them: what values they take, and their defaults. */

export interface FlagFact {
  /** As pflag names it: `bool`, `int`, `duration`, `strings`, ... */
  readonly type: string;
  /** As it is written on a command line; absent: none, or what the type has where nothing is set. */
  readonly default?: string;
}

const FLAG = /^ {2,}(?:-\w, )?--([a-z][a-z0-9-]*)(?:\[=\w+\])?(?: (\S+))?(?: {2,}(.*))?$/;
const DEFAULT = /\(default (?:"([^"]*)"|\[([^\]]*)\]|(.*))\)$/;

/** About the program, not the server. */
const ABOUT = ['help', 'version'];

/** By name. A flag's description may go on for lines; its default ends it. */
export function flagsOfHelp(help: string): Record<string, FlagFact> {
  const facts: [string, FlagFact][] = [];
  let current: { name: string; type: string; text: string } | undefined;
  const end = (): void => {
    if (current === undefined) return;
    const match = DEFAULT.exec(current.text.trimEnd());
    const text = match?.[1] ?? match?.[2] ?? match?.[3];
    facts.push([current.name, { type: current.type, ...(text !== undefined && { default: text }) }]);
    current = undefined;
  };
  for (const line of help.split('\n')) {
    const match = FLAG.exec(line);
    if (match !== null) {
      end();
      current = { name: match[1]!, type: match[2] ?? 'bool', text: match[3] ?? '' };
    } else if (current !== undefined && /^ {10}/.test(line)) {
      current.text = line;
    } else end();
  }
  end();
  const others = facts.filter(([name]) => !ABOUT.includes(name));
  return Object.fromEntries(others.sort(([a], [b]) => (a < b ? -1 : 1)));
}
