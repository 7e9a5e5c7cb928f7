/**
 * Finds the feature gates of the roles and rules of
 * https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go and
 * controller_policy.go beside it. Interprets the code in order: rules are assigned to variables, variables and literals
 * are added to roles, within `if ...Enabled(features.X)`.
 */

import type { BootstrapEntry, BootstrapRule } from '../../shared/authz/rbac/bootstrap/policy.ts';
import { closing, namedTexts, textsOf, withoutComments } from './go-text.ts';

const EVENTS = {
  verbs: ['create', 'patch', 'update'],
  apiGroups: ['', 'events.k8s.io'],
  resources: ['events'],
};

const TOKENS = new RegExp(
  [
    String.raw`(?<func>^func (?<funcName>\w+)\()`,
    String.raw`(?<gate>if (?<condition>(?:\s*(?:&&\s*)?utilfeature\.DefaultFeatureGate\.Enabled\([\w.]+\))+)\s*\{)`,
    String.raw`(?<variable>(?<variableName>\w+) := \[\]rbacv1\.PolicyRule\{)`,
    String.raw`(?<single>(?<singleName>\w+) := (?=rbacv1helpers\.NewRule\())`,
    String.raw`(?<append>(?<target>[\w.]+) = append\(\k<target>,)`,
    String.raw`(?<name>\bName:\s*(?<nameValue>(?:saRolePrefix \+ )?(?:"[^"]+"|\w+)))`,
    String.raw`(?<list>\bRules:\s*\[\]rbacv1\.PolicyRule\{)`,
    String.raw`(?<use>\bRules:\s*(?<useName>\w+)(?<call>\(\))?,)`,
    String.raw`(?<result>\breturn (?<resultName>\w+)$)`,
    String.raw`(?<events>\beventsRule\(\))`,
    String.raw`(?<rule>rbacv1helpers\.NewRule\()`,
    String.raw`(?<text>"(?:[^"\\\n]|\\.)*")`,
    '(?<open>[({])|(?<close>[)}])',
    String.raw`(?<value>\b\w+\b)`,
  ].join('|'),
  'gm',
);

interface Frame {
  readonly gates: readonly string[];
  readonly target: BootstrapRule[] | undefined;
}

interface Role extends BootstrapEntry {
  rules: BootstrapRule[];
}

class Reader {
  readonly roles: Role[] = [];
  readonly #functions = new Map<string, BootstrapRule[]>();
  #variables = new Map<string, BootstrapRule[]>();
  #frames: Frame[] = [];
  #function = '';

  /** `known`: the constants of the package. */
  read(text: string, known: ReadonlyMap<string, readonly string[]>): void {
    const tokens = new RegExp(TOKENS);
    for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
      const groups = match.groups!;
      if (groups['rule'] !== undefined) {
        const { rule, end } = ruleAt(text, match.index, known);
        this.#put({ ...rule, ...this.#gates() });
        tokens.lastIndex = end;
      } else this.#take(groups, known);
    }
  }

  #take(groups: Record<string, string | undefined>, known: ReadonlyMap<string, readonly string[]>): void {
    const own = this.#variables;
    if (groups['func'] !== undefined) {
      this.#function = groups['funcName']!;
      this.#variables = new Map();
      this.#push(undefined);
    } else if (groups['gate'] !== undefined) {
      const gates = [...groups['condition']!.matchAll(/\.(\w+)\)/g)].map(([, gate]) => gate!);
      this.#frames.push({ gates: [...this.#held(), ...gates], target: this.#target() });
    } else if (groups['variable'] !== undefined) {
      own.set(groups['variableName']!, []);
      this.#push(own.get(groups['variableName']!));
    } else if (groups['single'] !== undefined) {
      own.set(groups['singleName']!, []);
      this.#once = own.get(groups['singleName']!);
    } else if (groups['append'] !== undefined) {
      const target = groups['target']!;
      this.#push(target === 'role.Rules' ? this.roles.at(-1)?.rules : own.get(target));
    } else if (groups['name'] !== undefined) {
      const [name] = textsOf(groups['nameValue']!, known);
      this.roles.push({ name: name!, ...this.#gates(), rules: [] });
    } else if (groups['list'] !== undefined) {
      this.#push(this.roles.at(-1)!.rules);
    } else if (groups['use'] !== undefined) {
      const used = groups['call'] ? this.#functions.get(groups['useName']!) : own.get(groups['useName']!);
      if (used === undefined) throw new Error(`no rules ${groups['useName']}`);
      this.roles.at(-1)!.rules = used;
    } else if (groups['result'] !== undefined) {
      const rules = own.get(groups['resultName']!);
      if (rules !== undefined) this.#functions.set(this.#function, rules);
    } else if (groups['events'] !== undefined) this.#put({ ...EVENTS, ...this.#gates() });
    else if (groups['open'] !== undefined) this.#push(this.#target());
    else if (groups['close'] !== undefined) this.#frames.pop();
    else if (groups['value'] !== undefined) {
      const used = own.get(groups['value']);
      if (used !== undefined && this.#target() !== used) for (const rule of used) this.#put(rule);
    }
  }

  #once: BootstrapRule[] | undefined;

  #target(): BootstrapRule[] | undefined {
    return this.#frames.at(-1)?.target;
  }

  #held(): readonly string[] {
    return this.#frames.at(-1)?.gates ?? [];
  }

  #gates(): { gates?: readonly string[] } {
    const gates = this.#held();
    return gates.length > 0 ? { gates } : {};
  }

  #push(target: BootstrapRule[] | undefined): void {
    this.#frames.push({ gates: this.#held(), target });
  }

  #put(rule: BootstrapRule): void {
    (this.#once ?? this.#target())?.push(rule);
    this.#once = undefined;
  }
}

interface TextList {
  readonly texts: readonly string[];
  /** Text -> gate, for texts that a gate adds. */
  readonly gated: Readonly<Record<string, string>>;
}

/** Lists of texts that are built before a rule uses them: `URLs(monitoringURLs...)`. */
function textLists(source: string): ReadonlyMap<string, TextList> {
  const lists = new Map<string, TextList>();
  for (const [, name, body] of source.matchAll(/(\w+) := \[\]string\{([^}]*)\}/g)) {
    const more = new RegExp(
      String.raw`if utilfeature\.DefaultFeatureGate\.Enabled\(\w+\.(\w+)\) \{\s*${name} = append\(${name}, ([^)]*)\)`,
      'g',
    );
    const texts = textsOf(body!, new Map());
    const gated: Record<string, string> = {};
    for (const [, gate, added] of source.matchAll(more)) {
      for (const text of textsOf(added!, new Map())) gated[text] = gate!;
    }
    lists.set(name!, { texts: [...texts, ...Object.keys(gated)], gated });
  }
  return lists;
}

/** The rule built from `start` on, sorted like `RuleOrDie`, and the end of its text. */
function ruleAt(text: string, start: number, known: ReadonlyMap<string, readonly string[]>) {
  const keys: Readonly<Record<string, keyof BootstrapRule>> = {
    NewRule: 'verbs',
    Groups: 'apiGroups',
    Resources: 'resources',
    Names: 'resourceNames',
    URLs: 'nonResourceURLs',
  };
  const rule: Record<string, readonly string[]> = {};
  let gatedURLs: Readonly<Record<string, string>> | undefined;
  const calls = /\s*\.?\s*(?:rbacv1helpers\.)?(\w+)\(/y;
  calls.lastIndex = start;
  for (;;) {
    const call = calls.exec(text);
    if (call === null) throw new Error(`no rule: ${text.slice(start, start + 80)}`);
    const open = calls.lastIndex - 1;
    calls.lastIndex = closing(text, open) + 1;
    if (call[1] === 'RuleOrDie') {
      const made = { ...rule, ...(gatedURLs && { gatedURLs }) } as unknown as BootstrapRule;
      return { rule: made, end: calls.lastIndex };
    }
    const given = text.slice(open + 1, calls.lastIndex - 1);
    const list = textLists(text).get(given.replace(/\.\.\.$/, ''));
    rule[keys[call[1]!]!] = (list?.texts ?? textsOf(given, known)).toSorted();
    if (list !== undefined && Object.keys(list.gated).length > 0) gatedURLs = list.gated;
  }
}

/**
 * Every role that depends on gates, its rules with the gates they need beyond the role's own. `constants`: texts of
 * files with constants of other packages.
 */
export function gatedRoles(
  sources: readonly string[],
  constants: readonly string[],
): readonly BootstrapEntry[] {
  const reader = new Reader();
  const known = new Map([...constants, ...sources].flatMap((text) => [...namedTexts(withoutComments(text))]));
  for (const source of sources) reader.read(withoutComments(source), known);
  return reader.roles
    .filter(({ rules }) => rules.length > 0)
    .map((role) => ({
      ...role,
      rules: role.rules.map(({ gates = [], ...rule }) => {
        const more = gates.filter((gate) => !role.gates?.includes(gate));
        return more.length > 0 ? { ...rule, gates: more } : rule;
      }),
    }));
}
