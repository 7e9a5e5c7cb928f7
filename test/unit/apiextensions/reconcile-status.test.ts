import { beforeAll, describe, expect, test } from 'vitest';
import { decideNames, loses } from '../../../shared/apiextensions/controller/names.ts';
import { reconcileStatus } from '../../../shared/apiextensions/controller/reconcile-status.ts';
import {
  type SchemaTools,
  SchemaToolsLoader,
} from '../../../shared/apiextensions/definition/schema-tools.ts';
import type { Definition } from '../../../shared/apis/apiextensions/definition.ts';
import type { CustomResourceDefinitionNames } from '../../../shared/apis/apiextensions/v1/types.ts';
import { builtinTypeTables } from '../../../shared/apis/type-tables.ts';
import { atOnce } from '../../../shared/util/breathe.ts';
import { definition, version } from '../../fixtures/apiextensions/definition.ts';

let tools: SchemaTools;
beforeAll(async () => {
  tools = await new SchemaToolsLoader(builtinTypeTables()).load();
});

const NAMES = {
  plural: 'crontabs',
  singular: 'crontab',
  kind: 'CronTab',
  listKind: 'CronTabList',
  shortNames: ['ct', 'cron'],
  categories: ['all'],
};
const none: CustomResourceDefinitionNames = { plural: '', kind: '' };
const asking = (accepted: CustomResourceDefinitionNames = none): Definition =>
  definition(
    { names: NAMES },
    { status: { conditions: [], acceptedNames: accepted, storedVersions: ['v1'] } },
  );

describe('names', () => {
  test.each<[string, CustomResourceDefinitionNames[], string, Partial<CustomResourceDefinitionNames>]>([
    ['are free', [], 'True NoConflicts: no conflicts found', NAMES],
    [
      'another’s singular equals the plural',
      [{ plural: 'x', singular: 'crontabs', kind: 'X' }],
      'False PluralConflict: "crontabs" is already in use',
      { ...NAMES, plural: '' },
    ],
    [
      'another’s short name equals the singular',
      [{ plural: 'x', kind: 'X', shortNames: ['crontab'] }],
      'False SingularConflict: "crontab" is already in use',
      { ...NAMES, singular: undefined },
    ],
    [
      'one short name is in use: none is accepted',
      [{ plural: 'ct', kind: 'X' }],
      'False ShortNamesConflict: "ct" is already in use',
      { ...NAMES, shortNames: undefined },
    ],
    [
      'two short names are in use',
      [{ plural: 'ct', singular: 'cron', kind: 'X' }],
      'False ShortNamesConflict: ["ct" is already in use, "cron" is already in use]',
      { ...NAMES, shortNames: undefined },
    ],
    [
      'the kind equals another’s list kind',
      [{ plural: 'x', kind: 'X', listKind: 'CronTab' }],
      'False KindConflict: "CronTab" is already in use',
      { ...NAMES, kind: '' },
    ],
    [
      'of several conflicts, the last one is reported',
      [{ plural: 'crontabs', kind: 'CronTabList' }],
      'False ListKindConflict: "CronTabList" is already in use',
      { ...NAMES, plural: '', listKind: undefined },
    ],
  ])('%s', (_, others, condition, accepted) => {
    const { acceptedNames, namesAccepted } = decideNames(asking(), others);
    const { status, reason, message } = namesAccepted;
    expect(`${status} ${reason}: ${message}`).toBe(condition);
    expect(acceptedNames).toEqual(accepted);
  });

  test('that are already held do not conflict, and stay while new ones are taken', () => {
    const accepted = { ...NAMES, plural: 'crontabs', singular: 'old', shortNames: ['ct'] };
    const decision = decideNames(asking(accepted), [accepted, { plural: 'crontab', kind: 'X' }]);
    expect(decision.namesAccepted).toMatchObject({ status: 'False', reason: 'SingularConflict' });
    expect(decision.acceptedNames).toEqual({ ...NAMES, singular: 'old' });
  });

  test('of two definitions with the same names, the later is rejected', () => {
    const first = { resourceVersion: 1, acceptedNames: { plural: 'a', kind: 'A', shortNames: ['x'] } };
    const second = { resourceVersion: 2, acceptedNames: { plural: 'b', kind: 'B', shortNames: ['x'] } };
    const third = { resourceVersion: 3, acceptedNames: { plural: '', kind: '' } };
    expect([loses(first, second), loses(second, first), loses(third, first)]).toEqual([false, true, false]);
  });
});

describe('the status', () => {
  const PROTECTED = 'api-approved.kubernetes.io';
  const conditionsOf = (object: Definition, others: CustomResourceDefinitionNames[] = []): string[] => {
    atOnce(reconcileStatus(object, { acceptedNames: others, tools, now: 0 }));
    return (object.status.conditions ?? []).map(
      ({ type, status, reason, message }) => `${type} ${status} ${reason}: ${message}`,
    );
  };
  const ACCEPTED = 'NamesAccepted True NoConflicts: no conflicts found';
  const ESTABLISHED = 'Established True InitialNamesAccepted: the initial names have been accepted';
  const named = (annotations?: Record<string, string>): Partial<Definition> => ({
    metadata: { name: 'crontabs.x.k8s.io', ...(annotations && { annotations }) } as Definition['metadata'],
  });

  test.each<[string, Definition, CustomResourceDefinitionNames[], string[]]>([
    ['good', definition(), [], [ACCEPTED, ESTABLISHED]],
    [
      'with names in use',
      definition(),
      [{ plural: 'crontabs', kind: 'X' }],
      [
        'NamesAccepted False PluralConflict: "crontabs" is already in use',
        'Established False NotAccepted: not all names are accepted',
      ],
    ],
    [
      'with a non-structural schema',
      definition({ versions: [version({ schema: { openAPIV3Schema: { properties: { a: {} } } } })] }),
      [],
      [
        ACCEPTED,
        ESTABLISHED,
        'NonStructuralSchema True Violations: [spec.versions[0].schema.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields, spec.versions[0].schema.openAPIV3Schema.type: Required value: must not be empty at the root]',
      ],
    ],
    [
      'that preserves unknown fields',
      definition({ preserveUnknownFields: true } as never),
      [],
      [
        ACCEPTED,
        ESTABLISHED,
        'NonStructuralSchema True Violations: spec.preserveUnknownFields: Invalid value: true: must be false',
      ],
    ],
    [
      'of a protected group, approved',
      definition(
        { group: 'x.k8s.io' },
        named({ [PROTECTED]: 'https://github.com/kubernetes/kubernetes/pull/1' }),
      ),
      [],
      [
        ACCEPTED,
        ESTABLISHED,
        'KubernetesAPIApprovalPolicyConformant True ApprovedAnnotation: approved in https://github.com/kubernetes/kubernetes/pull/1',
      ],
    ],
    [
      'of a protected group, unapproved',
      definition({ group: 'x.k8s.io' }, named({ [PROTECTED]: 'unapproved, experimental' })),
      [],
      [
        ACCEPTED,
        ESTABLISHED,
        'KubernetesAPIApprovalPolicyConformant False UnapprovedAnnotation: not approved: "unapproved, experimental"',
      ],
    ],
    [
      'of a protected group, without an annotation',
      definition({ group: 'x.k8s.io' }, named()),
      [],
      [
        ACCEPTED,
        ESTABLISHED,
        'KubernetesAPIApprovalPolicyConformant False MissingAnnotation: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ],
    ],
  ])('%s', (_, object, others, expected) => {
    expect(conditionsOf(object, others)).toEqual(expected);
    expect(atOnce(reconcileStatus(object, { acceptedNames: others, tools, now: 1 }))).toBe(false);
  });

  test('follows a corrected definition, and stays established', () => {
    const object = definition({ versions: [version({ schema: { openAPIV3Schema: { properties: {} } } })] });
    expect(conditionsOf(object)).toHaveLength(3);
    object.spec.versions = [version()];
    expect(conditionsOf(object)).toEqual([ACCEPTED, ESTABLISHED]);
    object.spec.names.kind = 'Taken';
    expect(conditionsOf(object, [{ plural: 'x', kind: 'Taken' }])).toEqual([
      'NamesAccepted False KindConflict: "Taken" is already in use',
      ESTABLISHED,
    ]);
    expect(object.status.acceptedNames.kind).toBe('CronTab');
  });
});
