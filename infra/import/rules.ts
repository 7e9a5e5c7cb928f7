/**
 * Validation rules that types declare by `+k8s:` markers, as `rules.json`
 * (https://github.com/kubernetes/kubernetes/tree/master/staging/src/k8s.io/code-generator/cmd/validation-gen).
 */

import type {
  DeclaredField,
  DeclaredRule,
  DeclaredType,
} from '../../shared/apis/declarative/declared-rule.ts';
import { isKnownRule } from '../../shared/apis/declarative/declared-rules.ts';
import { isKnownFormat } from '../../shared/apis/declarative/formats.ts';
import { endsField } from '../../shared/apis/declarative/validate-declared.ts';
import { type GoField, type GoType, markers } from './go-types.ts';
import { definitionsOf, type PackageReader } from './package-reader.ts';
import type { Report } from './report.ts';

/** Markers that are no rules, or that are covered by other data. */
const NO_RULES: ReadonlySet<string> = new Set([
  'conversion-gen',
  'conversion-gen:explicit-from',
  'deepcopy-gen:interfaces',
  'deprecated',
  'enum',
  'listMapKey',
  'listType',
  'opaqueType',
  'openapi-gen',
  'supportsSubresource',
  'unionDiscriminator',
  'unionMember',
  'validation-gen-nolint',
  // Hand-written in upstream too.
  'customValidation',
]);

/** `name`, `name=value`, `name(argument)=value`, with an optional comment. */
const MARKER = /^\s*\+k8s:([\w:-]+)(?:\(([^)]*)\))?(?:=(.*?))?(?:\s+(?:#|\/\/).*)?\s*$/;

interface Marker {
  readonly name: string;
  readonly argument: string;
  readonly value: string;
}

function markerOf(line: string): Marker | undefined {
  const match = MARKER.exec(line);
  if (match === null) return undefined;
  const unquoted = (text = ''): string => text.replace(/^"(.*)"$/, '$1');
  return { name: match[1]!, argument: unquoted(match[2]), value: unquoted(match[3]) };
}

/** The marker if it is in force or beta; upstream only counts violations of alpha rules. */
function inForce(line: string): Marker | undefined {
  const marker = markerOf(line);
  return marker?.name === 'beta' ? markerOf(marker.value) : marker;
}

const valuesOf = (comment: readonly string[], name: string): string[] =>
  comment.flatMap((line) => {
    const marker = inForce(line);
    return marker?.name === name ? [marker.value] : [];
  });

const isBeta = (comment: readonly string[], name: string): boolean =>
  comment.some((line) => markerOf(line)?.name === 'beta' && inForce(line)?.name === name);

const inStage = (rule: DeclaredRule, beta: boolean): DeclaredRule => (beta ? ['beta', rule] : rule);

/** The rule without its stage. */
const bare = (rule: DeclaredRule): DeclaredRule =>
  rule[0] === 'alpha' || rule[0] === 'beta' ? (rule.at(-1) as DeclaredRule) : rule;

function argumentOf(text: string): unknown[] {
  if (text === '') return [];
  return [/^-?\d+$/.test(text) ? Number(text) : text];
}

/**
 * Undefined for markers that are no rules, or not yet: upstream doesn't report violations of alpha rules, but some of
 * them end a field's validation.
 */
function ruleOf({ name, argument, value }: Marker, where: string, report: Report): DeclaredRule | undefined {
  if (NO_RULES.has(name) || name.startsWith('prerelease-lifecycle-gen')) return undefined;
  const inner = markerOf(value);
  if (name === 'alpha' && inner !== undefined && !isKnownRule(inner.name)) return undefined;
  if (inner !== undefined) {
    const rule = ruleOf(inner, where, report);
    if (rule === undefined) return undefined;
    if (name === 'alpha') return endsField(rule) ? ['alpha', rule] : undefined;
    if (name === 'beta' || name === 'eachKey' || name === 'eachVal') return [name, rule];
    if (name === 'ifEnabled' || name === 'ifDisabled') return [name, argument, rule];
  }
  if (name === 'unique') return ['unique'];
  if (!isKnownRule(name) || inner !== undefined || (name === 'format' && !isKnownFormat(value))) {
    report.add('rules: not known', `${where} +k8s:${name}${argument && `(${argument})`}=${value}`);
    return undefined;
  }
  return [name, ...argumentOf(value)];
}

/** Rules of a comment, in the order of upstream's generated code: by name. */
function rulesOf(comment: readonly string[], where: string, report: Report): DeclaredRule[] {
  const rules = comment.flatMap((line) => {
    const marker = markerOf(line);
    const rule = marker && ruleOf(marker, where, report);
    return rule === undefined ? [] : [rule];
  });
  const others = rules.filter((rule) => bare(rule)[0] !== 'update');
  const transitions = rules.filter((rule) => bare(rule)[0] === 'update');
  const [first] = transitions;
  const update: DeclaredRule = ['update', ...transitions.map((rule) => bare(rule)[1])];
  const stage = first?.[0];
  const all = [
    ...others,
    ...(first === undefined ? [] : [stage === 'update' ? update : ([stage!, update] as const)]),
  ];
  return all.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

interface Described {
  readonly field: DeclaredField;
  /** The struct of its values. */
  readonly inner: string | undefined;
}

/** The packages to import: one, and others whose types it may contain. */
interface Packages {
  readonly path: string;
  readonly others: ReadonlySet<string>;
}

/** Name of a struct in a package's rules: structs of other packages have their versions in it. */
const nameIn = ({ path }: Packages, at: { readonly name: string; readonly path: string }): string =>
  at.path === path ? at.name : `${definitionsOf(at.path)}.${at.name}`;

function describe(
  reader: PackageReader,
  field: GoField,
  { own, path }: { readonly own: Packages; readonly path: string },
  where: string,
  report: Report,
): Described {
  const { comment, type } = field;
  const ptr = type.startsWith('*');
  const pointed = type.replace(/^\*/, '');
  const container = pointed.startsWith('map[')
    ? 'map'
    : pointed.startsWith('[]') && pointed !== '[]byte'
      ? 'array'
      : undefined;
  const element = pointed.replace(/^(?:map\[[\w.]+\]|\[\](?!byte$))/, '');
  const at = reader.locate(element, path);
  const declared = reader.declared(at.name, at.path);
  const isStruct = container === undefined && !ptr && declared?.kind === 'struct';
  const rules = rulesOf(comment, where, report);
  const keys = valuesOf(comment, 'listMapKey');
  const [listType] = valuesOf(comment, 'listType');
  if (listType === 'map' || listType === 'set') rules.push(inStage(['unique'], isBeta(comment, 'listType')));
  const hasDefault = markers(comment, 'default').length > 0;
  if (declared !== undefined && valuesOf(declared.comment, 'enum').length > 0) {
    const rule: DeclaredRule = ['enum', reader.valuesOf(at.name, at.path)];
    rules.push(inStage(container === undefined ? rule : ['eachVal', rule], isBeta(declared.comment, 'enum')));
  }
  const asked = rules
    // A struct that is no pointer is always present.
    .filter(([name]) => !isStruct || (name !== 'optional' && name !== 'required'))
    // A field with a default is present when it is validated.
    .map(
      (rule): DeclaredRule =>
        hasDefault && bare(rule)[0] === 'optional' ? inStage(['required'], rule[0] === 'beta') : rule,
    );
  return {
    field: {
      ...(asked.length > 0 && { rules: asked }),
      ...(container && { container }),
      ...(ptr && { ptr: true }),
      ...(keys.length > 0 && { keys }),
    },
    inner:
      declared?.kind === 'struct' && (at.path === own.path || own.others.has(at.path))
        ? nameIn(own, at)
        : undefined,
  };
}

function unionsOf(type: GoType & { kind: 'struct' }): DeclaredRule[] {
  const members = type.fields.filter(({ comment }) => valuesOf(comment, 'unionMember').length > 0);
  if (members.length === 0) return [];
  const union: DeclaredRule = ['union', members.map(({ tags }) => (tags['json'] ?? '').split(',')[0])];
  return [inStage(union, isBeta(members[0]!.comment, 'unionMember'))];
}

/** Includes fields of embedded structs of this package. */
function fieldsOf(reader: PackageReader, type: GoType & { kind: 'struct' }, path: string): GoField[] {
  return type.fields.flatMap((field) => {
    const embedded = field.name === '' ? reader.declared(field.type, path) : undefined;
    return embedded?.kind === 'struct' ? fieldsOf(reader, embedded, path) : [field];
  });
}

interface DescribedType {
  readonly rules: readonly DeclaredRule[];
  readonly fields: readonly (readonly [name: string, field: Described])[];
}

function describeTypes(
  reader: PackageReader,
  path: string,
  own: Packages,
  report: Report,
): [string, DescribedType][] {
  return [...(reader.package(path)?.types ?? [])].flatMap(([name, type]): [string, DescribedType][] => {
    if (type.kind !== 'struct') return [];
    const fields = fieldsOf(reader, type, path).flatMap((field): [string, Described][] => {
      const json = (field.tags['json'] ?? '').split(',')[0]!;
      const where = `${definitionsOf(path)}.${name}.${json}`;
      return json === '' || json === 'metadata'
        ? []
        : [[json, describe(reader, field, { own, path }, where, report)]];
    });
    const rules = [...unionsOf(type), ...rulesOf(type.comment, name, report)];
    return [[nameIn(own, { name, path }), { rules, fields }]];
  });
}

/** The names of a package's own types, and of the types they contain. */
function reachable(described: ReadonlyMap<string, DescribedType>, own: readonly string[]): Set<string> {
  const names = new Set(own);
  for (const name of names) {
    for (const [, { inner }] of described.get(name)?.fields ?? []) if (inner !== undefined) names.add(inner);
  }
  return names;
}

/**
 * The rules of a package's types, only of those that have any or lead to some, and of the types of `others` they
 * contain: packages of the API that are validated by their rules, too.
 */
export function importRules(
  reader: PackageReader,
  path: string,
  others: readonly string[],
  report: Report,
): Readonly<Record<string, DeclaredType>> {
  const own: Packages = { path, others: new Set(others) };
  const ownTypes = describeTypes(reader, path, own, report);
  const all = new Map(
    ownTypes.concat(
      others.filter((one) => one !== path).flatMap((one) => describeTypes(reader, one, own, report)),
    ),
  );
  const names = reachable(
    all,
    ownTypes.map(([name]) => name),
  );
  const described = new Map([...all].filter(([name]) => names.has(name)));
  // A type has rules if a type that it contains has; types may be recursive.
  const ruled = new Set<string>();
  for (let size = -1; size !== ruled.size; ) {
    size = ruled.size;
    for (const [name, { rules, fields }] of described) {
      const has = fields.some(([, { field, inner }]) => field.rules || (inner && ruled.has(inner)));
      if (rules.length > 0 || has) ruled.add(name);
    }
  }
  const entries = [...described].flatMap(([name, { rules, fields }]): [string, DeclaredType][] => {
    if (!ruled.has(name)) return [];
    const kept = fields.flatMap(([key, { field, inner }]): [string, DeclaredField][] => {
      const type = inner !== undefined && ruled.has(inner) ? inner : undefined;
      return field.rules || type ? [[key, { ...field, ...(type && { type }) }]] : [];
    });
    return [[name, { ...(rules.length > 0 && { rules }), fields: Object.fromEntries(kept) }]];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
