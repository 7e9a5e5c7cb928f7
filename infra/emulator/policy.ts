/** Evaluates IAM policy documents, as far as the templates here use the policy language. */

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
  /** Values of condition keys, such as `dynamodb:LeadingKeys`; absent: the call doesn't have the key. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

type Operator = (actual: readonly string[] | undefined, patterns: readonly string[], fill: Fill) => boolean;
/** Compiles a pattern with its policy variables substituted; undefined: a variable has no value, so nothing matches. */
type Fill = (pattern: string) => RegExp | undefined;

const some = (value: string, patterns: readonly string[], fill: Fill): boolean =>
  patterns.some((pattern) => fill(pattern)?.test(value) ?? false);

/** Operators by name; an unsupported one is an error, never an implicit match. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: (actual, expected) => actual?.every((value) => expected.includes(value)) ?? false,
  StringLike: (actual, patterns, fill) => actual?.every((value) => some(value, patterns, fill)) ?? false,
  StringNotLike: (actual, patterns, fill) =>
    actual === undefined || actual.every((value) => !some(value, patterns, fill)),
  // True if there are no values.
  'ForAllValues:StringLike': (actual = [], patterns, fill) =>
    actual.every((value) => some(value, patterns, fill)),
  Null: (actual, [expected]) => (actual === undefined) === (expected === 'true'),
};

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** `*` and `?` in the pattern are wildcards; those in substituted values, and `${*}` and `${?}`, are not. */
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
  // Actions are case-insensitive.
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

/** Default deny; an explicit deny overrides any allow. */
export function isAllowed(statements: readonly Statement[], call: AskedCall): boolean {
  const applying = statements.filter((statement) => applies(statement, call));
  return applying.length > 0 && applying.every(({ Effect }) => Effect === 'Allow');
}
