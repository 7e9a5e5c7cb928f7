/**
 * The rules that types declare by `+k8s:` markers, as `rules.json`
 * (https://github.com/kubernetes/kubernetes/tree/master/staging/src/k8s.io/code-generator/cmd/validation-gen).
 */

import type {
  DeclaredField,
  DeclaredRule,
  DeclaredType,
} from '../../shared/apis/declarative/declared-rule.ts';
import { isKnownFormat, isKnownRule } from '../../shared/apis/declarative/declared-rules.ts';
import { type GoField, type GoType, markers } from './go-types.ts';
import { definitionsOf, type PackageReader } from './package-reader.ts';
import type { Report } from './report.ts';

/** Markers that are no rules, or whose meaning is in what else is read. */
const NO_RULES: ReadonlySet<string> = new Set([
  'deepcopy-gen:interfaces',
  'listMapKey',
  'listType',
  'supportsSubresource',
  'unionDiscriminator',
  'unionMember',
  'validation-gen-nolint',
  // Written by hand in upstream too.
  'customValidation',
]);

/** `name`, `name=value`, `name(argument)=value`, with a comment behind it. */
const MARKER = /^\s*\+k8s:([\w:-]+)(?:\(([^)]*)\))?(?:=(.*?))?(?:\s+(?:#|\/\/).*)?\s*$/;

interface Marker {
  readonly name: string;
  readonly argument: string;
  readonly value: string;
}

function markerOf(line: string): Marker | undefined {
  const match = MARKER.exec(line);
  if (match === null) return undefined;
  return { name: match[1]!, argument: (match[2] ?? '').replaceAll('"', ''), value: match[3] ?? '' };
}

function argumentOf(text: string): unknown[] {
  if (text === '') return [];
  return [/^-?\d+$/.test(text) ? Number(text) : text];
}

/** Undefined for what isn't a rule, or isn't one yet: alpha rules are only counted by upstream. */
function ruleOf({ name, argument, value }: Marker, where: string, report: Report): DeclaredRule | undefined {
  if (name === 'alpha' || NO_RULES.has(name) || name.startsWith('prerelease-lifecycle-gen')) return undefined;
  const inner = markerOf(value);
  if (inner !== undefined) {
    const rule = ruleOf(inner, where, report);
    if (rule === undefined) return undefined;
    if (name === 'beta') return ['beta', rule];
    if (name === 'ifEnabled' || name === 'ifDisabled') return [name, argument, rule];
  }
  if (!isKnownRule(name) || inner !== undefined || (name === 'format' && !isKnownFormat(value))) {
    report.add('rules: not known', `${where} +k8s:${name}${argument && `(${argument})`}=${value}`);
    return undefined;
  }
  return [name, ...argumentOf(value)];
}

/** Rules of a comment, in the order that upstream's generator calls them: by name. */
function rulesOf(comment: readonly string[], where: string, report: Report): DeclaredRule[] {
  const rules = comment.flatMap((line) => {
    const marker = markerOf(line);
    const rule = marker && ruleOf(marker, where, report);
    return rule === undefined ? [] : [rule];
  });
  const others = rules.filter(([name]) => name !== 'update');
  const transitions = rules.filter(([name]) => name === 'update').map(([, transition]) => transition);
  const all: DeclaredRule[] = transitions.length > 0 ? [...others, ['update', ...transitions]] : others;
  return all.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

interface Described {
  readonly field: DeclaredField;
  /** The struct of its values, of this package. */
  readonly inner: string | undefined;
}

function describe(
  reader: PackageReader,
  field: GoField,
  path: string,
  where: string,
  report: Report,
): Described {
  const { comment, type } = field;
  const ptr = type.startsWith('*');
  const bare = type.replace(/^\*/, '');
  const container = bare.startsWith('map[')
    ? 'map'
    : bare.startsWith('[]') && bare !== '[]byte'
      ? 'array'
      : undefined;
  const element = container === 'array' ? bare.slice(2) : bare;
  const at = reader.locate(element, path);
  const declared = container === 'map' ? undefined : reader.declared(at.name, at.path);
  const isStruct = container === undefined && !ptr && declared?.kind === 'struct';
  const rules = rulesOf(comment, where, report);
  const keys = comment.flatMap((line) => {
    const marker = markerOf(line);
    return marker?.name === 'listMapKey' ? [marker.value] : [];
  });
  const [listType] = comment.flatMap((line) => {
    const marker = markerOf(line);
    return marker?.name === 'listType' ? [marker.value] : [];
  });
  if (listType === 'map' || listType === 'set') rules.push(['unique']);
  const hasDefault = markers(comment, 'default').length > 0;
  const values = declared !== undefined && reader.enumOf(at.name, at.path);
  if (values) rules.push(['enum', values]);
  const asked = rules
    // A struct that is no pointer is always there.
    .filter(([name]) => !isStruct || (name !== 'optional' && name !== 'required'))
    // What has a default is there when it is validated.
    .map((rule): DeclaredRule => (hasDefault && rule[0] === 'optional' ? ['required'] : rule));
  return {
    field: {
      ...(asked.length > 0 && { rules: asked }),
      ...(container && { container }),
      ...(ptr && { ptr: true }),
      ...(keys.length > 0 && { keys }),
    },
    inner: declared?.kind === 'struct' && at.path === path ? at.name : undefined,
  };
}

function unionsOf(type: GoType & { kind: 'struct' }): DeclaredRule[] {
  const members = type.fields.filter(({ comment }) =>
    comment.some((line) => markerOf(line)?.name === 'unionMember'),
  );
  if (members.length === 0) return [];
  return [['union', members.map(({ tags }) => (tags['json'] ?? '').split(',')[0])]];
}

/** The rules of a package's types, of those only that have any or lead to some. */
export function importRules(
  reader: PackageReader,
  path: string,
  report: Report,
): Readonly<Record<string, DeclaredType>> {
  const structs = [...reader.package(path)!.types].flatMap(([name, type]) =>
    type.kind === 'struct' ? [[name, type] as const] : [],
  );
  const described = new Map(
    structs.map(([name, type]) => {
      const fields = type.fields.flatMap((field): [string, Described][] => {
        const json = (field.tags['json'] ?? '').split(',')[0]!;
        const where = `${definitionsOf(path)}.${name}.${json}`;
        return json === '' || json === 'metadata'
          ? []
          : [[json, describe(reader, field, path, where, report)]];
      });
      return [name, { rules: [...unionsOf(type), ...rulesOf(type.comment, name, report)], fields }];
    }),
  );
  // A type has rules if one that it holds has, and types hold themselves.
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
