/** Flags of a release's kube-apiserver, from its `--help`: their types and defaults. */

export interface FlagFact {
  /** pflag's name: `bool`, `int`, `duration`, `strings`, ... */
  readonly type: string;
  /** In command line form; absent: none, or the type's zero value. */
  readonly default?: string;
}

const FLAG = /^ {2,}(?:-\w, )?--([a-z][a-z0-9-]*)(?:\[=\w+\])?(?: (\S+))?(?: {2,}(.*))?$/;
const DEFAULT = /\(default (?:"([^"]*)"|\[([^\]]*)\]|(.*))\)$/;

/** Flags of the program rather than the server. */
const ABOUT = ['help', 'version'];

/** By name. A flag's description may have several lines; its default is at the end. */
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
