/**
 * Type-checks a policy's expressions against the resources it matches
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/policy/validating/typechecking.go).
 */

import type {
  ExpressionWarning,
  Rule,
  ValidatingAdmissionPolicy,
} from '../../apis/admissionregistration/v1/types.ts';
import { type CelEnvironment, CompileError } from '../../cel/environment.ts';
import { FieldPath } from '../../meta/field-path.ts';
import {
  formatGroupVersionKind,
  type GroupVersionKind,
  type GroupVersionResource,
  parseGroupVersion,
} from '../../runtime/group-version.ts';
import type { TypeSchema } from '../../runtime/type-schema.ts';
import { typedAdmissionEnvironment } from '../cel/admission-environment.ts';
import { CompositedVariables } from '../cel/composited-variables.ts';
import { ObjectTypes } from '../cel/object-types.ts';

/** Maximum number of types; further ones are not checked. */
const MAX_TYPES = 10;
const VALIDATIONS = FieldPath.of('spec', 'validations');

export interface TypeCheckerDependencies {
  /** Undefined for resources that aren't served. */
  readonly kindOf: (resource: GroupVersionResource) => Promise<GroupVersionKind | undefined>;
  readonly schemaOf: (kind: GroupVersionKind) => Promise<TypeSchema | undefined>;
}

interface TypedEnvironment {
  readonly kind: GroupVersionKind;
  readonly environment: CelEnvironment;
}

/** Empty if there are no errors or the types are unknown. */
export async function typeCheck(
  { spec }: ValidatingAdmissionPolicy,
  dependencies: TypeCheckerDependencies,
): Promise<ExpressionWarning[]> {
  const rules = spec.matchConstraints?.resourceRules ?? [];
  const kinds = await kindsToCheck(rules, dependencies);
  const params = await paramTypes(spec.paramKind, dependencies);
  const environments: TypedEnvironment[] = [];
  for (const kind of kinds) {
    const schema = await dependencies.schemaOf(kind);
    if (schema === undefined) continue;
    const object = new ObjectTypes(schema, kind.kind);
    const base = typedAdmissionEnvironment({
      params: spec.paramKind !== undefined,
      authorizer: true,
      object: object.root,
      oldObject: object.root,
      paramsType: params?.root,
    }).extend({ resolveStruct: (name) => object.resolve(name) ?? params?.resolve(name) });
    const environment = new CompositedVariables(spec.variables ?? [], base).extend(base);
    environments.push({ kind, environment });
  }
  return (spec.validations ?? []).flatMap(({ expression, messageExpression }, index) =>
    [
      ['expression', expression] as const,
      ...(messageExpression ? [['messageExpression', messageExpression] as const] : []),
    ].flatMap(([field, source]) => {
      const warning = environments.flatMap((typed) => issuesOf(source, typed)).join('\n');
      return warning === '' ? [] : [{ fieldRef: VALIDATIONS.index(index).child(field).toString(), warning }];
    }),
  );
}

function issuesOf(source: string, { kind, environment }: TypedEnvironment): string[] {
  try {
    environment.compile(source);
    return [];
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    if (error.stage !== 'compilation') return [];
    return [`${formatGroupVersionKind(kind)}: ${error.message}\n`];
  }
}

async function paramTypes(
  paramKind: ValidatingAdmissionPolicy['spec']['paramKind'],
  { schemaOf }: TypeCheckerDependencies,
): Promise<ObjectTypes | undefined> {
  const groupVersion = paramKind && parseGroupVersion(paramKind.apiVersion ?? '');
  if (groupVersion === undefined) return undefined;
  const kind = paramKind?.kind ?? '';
  const schema = await schemaOf({ ...groupVersion, kind });
  // Object and parameter may have the same kind but need distinct type names.
  return schema && new ObjectTypes(schema, `params.${kind}`);
}

/** Sorted by group, version and kind. */
async function kindsToCheck(
  rules: readonly Rule[],
  { kindOf }: TypeCheckerDependencies,
): Promise<GroupVersionKind[]> {
  const kinds = new Map<string, GroupVersionKind>();
  for (const rule of rules) {
    let count = 0;
    for (const resource of resourcesOf(rule)) {
      const kind = await kindOf(resource);
      if (kind === undefined) continue;
      kinds.set([kind.group, kind.version, kind.kind].join('\0'), kind);
      count += 1;
      // Later rules are ignored as well.
      if (count === MAX_TYPES) return sorted(kinds);
    }
  }
  return sorted(kinds);
}

function sorted(kinds: ReadonlyMap<string, GroupVersionKind>): GroupVersionKind[] {
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
}

/** The resources that a rule names; none if a group or version is a wildcard. */
function resourcesOf({ apiGroups, apiVersions, resources }: Rule): GroupVersionResource[] {
  const [groups, versions] = [apiGroups ?? [], apiVersions ?? []];
  if ([...groups, ...versions].some((name) => name.includes('*'))) return [];
  const names = (resources ?? []).filter((name) => !/[*/]/.test(name));
  return groups
    .toSorted()
    .flatMap((group) =>
      versions
        .toSorted()
        .flatMap((version) => names.toSorted().map((resource) => ({ group, version, resource }))),
    );
}
