/** IAM's decision about a call, by policy documents: as far as the templates here use their language. */

export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  /** By operator, then by key. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface AskedCall {
  /** `dynamodb:GetItem` */
  readonly action: string;
  readonly resource: string;
  /** Values of condition keys, such as `dynamodb:LeadingKeys`; absent: the call has none. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

type Operator = (actual: readonly string[] | undefined, patterns: readonly string[], fill: Fill) => boolean;
/** A pattern with its policy variables filled in; undefined: one has no value, and nothing fits. */
type Fill = (pattern: string) => RegExp | undefined;

const some = (value: string, patterns: readonly string[], fill: Fill): boolean =>
  patterns.some((pattern) => fill(pattern)?.test(value) ?? false);

/** Operators by name; one that isn't here is an error, never a silent yes. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: (actual, expected) => actual?.every((value) => expected.includes(value)) ?? false,
  StringLike: (actual, patterns, fill) => actual?.every((value) => some(value, patterns, fill)) ?? false,
  StringNotLike: (actual, patterns, fill) =>
    actual === undefined || actual.every((value) => !some(value, patterns, fill)),
  // Of no values all fit.
  'ForAllValues:StringLike': (actual = [], patterns, fill) =>
    actual.every((value) => some(value, patterns, fill)),
  Null: (actual, [expected]) => (actual === undefined) === (expected === 'true'),
};

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** `*` and `?` of the pattern are wild; those of values that are filled in are not, nor are `${*}` and `${?}`. */
function filler(context: AskedCall['context']): Fill {
  return (pattern) => {
    let isKnown = true;
    const source = pattern.replace(/\$\{([^}]*)\}|[*?]|[^*?$]+|\$/g, (part, variable?: string) => {
      if (variable === '*' || variable === '?' || variable === '$') return escaped(variable);
      if (variable === undefined) return part === '*' ? '.*' : part === '?' ? '.' : escaped(part);
      const [value] = context[variable] ?? [];
      if (value === undefined) isKnown = false;
      return escaped(value ?? '');
    });
    return isKnown ? new RegExp(`^${source}$`, 's') : undefined;
  };
}

function applies({ Action, Resource, Condition = {} }: Statement, call: AskedCall): boolean {
  const fill = filler(call.context);
  // Actions are told apart without regard to case.
  const actions = listOf(Action).map((action) => action.toLowerCase());
  if (!some(call.action.toLowerCase(), actions, fill)) return false;
  if (Resource !== undefined && !some(call.resource, listOf(Resource), fill)) return false;
  return Object.entries(Condition).every(([name, keys]) => {
    const operator = OPERATORS[name];
    if (operator === undefined) throw new Error(`no operator ${name} is known here`);
    return Object.entries(keys).every(([key, expected]) =>
      operator(call.context[key], listOf(expected), fill),
    );
  });
}

/** What isn't allowed is refused, and what is denied is refused whatever allows it. */
export function isAllowed(statements: readonly Statement[], call: AskedCall): boolean {
  const applying = statements.filter((statement) => applies(statement, call));
  return applying.length > 0 && applying.every(({ Effect }) => Effect === 'Allow');
}
