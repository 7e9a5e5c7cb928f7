/** Emulation of each minor since 1.20 compared with upstream's published facts: fields, names, and defaults. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../../infra/build/bundle-options.ts';
import { fieldsOfTables } from '../../../infra/import/fields.ts';
import { type History, tableAt } from '../../../shared/apis/history.ts';
import { emulatedResourceConfig } from '../../../shared/apis/resource-config.ts';
import { bootstrapPolicy } from '../../../shared/authz/rbac/bootstrap/policy.ts';
import { parseGroupVersion } from '../../../shared/runtime/group-version.ts';
import { EMULATED_MINORS } from '../../../shared/server/emulation/effective-version.ts';
import { readEmulation } from '../../../shared/server/emulation/emulation-tables.ts';
import { featureEnabled } from '../../../shared/server/options/feature-gates.ts';
import { isLeftOut } from '../../fixtures/left-out.ts';

const read = <V>(name: string) =>
  JSON.parse(readFileSync(join(root, 'test/facts', `${name}.json`), 'utf8')) as History<V>;

const FIELDS = read<readonly string[]>('served-fields');
const NAMES = read<object>('served-names');
const DEFAULTS = read<true>('served-defaults');
const own = fieldsOfTables();
const emulations = new Map(EMULATED_MINORS.map((minor) => [minor, readEmulation(minor)]));

/** Fields removed by upstream; stored objects have long been without them. */
const GONE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  'io.k8s.api.core.v1.EphemeralVolumeSource': ['readOnly'],
  'io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus': ['resources'],
  'io.k8s.api.core.v1.PersistentVolumeClaimStatus': ['resizeStatus'],
  'io.k8s.api.core.v1.PodResourceClaim': ['source'],
  'io.k8s.api.core.v1.PodSpec': ['workloadRef'],
  'io.k8s.api.core.v1.ServiceSpec': ['topologyKeys'],
  'io.k8s.api.networking.v1.NetworkPolicy': ['status'],
  'io.k8s.api.networking.v1alpha1.ParentReference': ['uid'],
  'io.k8s.api.resource.v1.Device': ['nodeAllocatableResourceMappings'],
  'io.k8s.api.resource.v1alpha3.DeviceTaintSelector': ['deviceClassName', 'selectors'],
  'io.k8s.api.resource.v1beta1.BasicDevice': ['nodeAllocatableResourceMappings'],
  'io.k8s.api.resource.v1beta2.Device': ['nodeAllocatableResourceMappings'],
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': ['clusterName'],
};

/** Types of versions and fields added and removed between 1.20 and the newest release. */
const GONE_TYPES = new RegExp(
  `^io\\.k8s\\.api\\.(${[
    'certificates\\.v1alpha1\\.PodCertificateRequest.*',
    'coordination\\.v1alpha1\\..*',
    'core\\.v1\\.(ClaimSource|EphemeralContainers|NodeAllocatableResourceClaimStatus|WorkloadReference)',
    'networking\\.v1\\.NetworkPolicyStatus',
    'networking\\.v1alpha1\\.ClusterCIDR.*',
    'resource\\.v1(alpha[123]|beta[12])?\\..*',
    'scheduling\\.v1alpha1\\..*',
    'storagemigration\\.v1alpha1\\..*',
  ].join('|')})$`,
);

describe('fields of types', () => {
  test.each(EMULATED_MINORS)('%s', (minor) => {
    const { hidden } = emulations.get(minor)!;
    const upstream = tableAt(FIELDS, minor);
    const differences = Object.entries(upstream).flatMap(([definition, fields]) => {
      const shown = own[definition]?.filter((name) => !hidden.of(definition).has(name));
      if (shown === undefined) return GONE_TYPES.test(definition) ? [] : [`${definition} is not there`];
      const gone = GONE_FIELDS[definition] ?? [];
      const more = shown.filter((name) => !fields.includes(name));
      const less = fields.filter((name) => !shown.includes(name) && !gone.includes(name));
      return more.length + less.length === 0 ? [] : [`${definition} +${more} -${less}`];
    });
    expect(differences).toEqual([]);
  });
});

describe('short names and categories', () => {
  test.each(NAMES.minors)('%s', (minor) => {
    const { resources } = emulations.get(minor)!;
    const shown = [...resources].flatMap(([version, { resources: listed }]) =>
      Object.entries(listed).map(([name, { singular, shortNames = [], categories = [] }]) => [
        `${version} ${name}`,
        { singular, shortNames, categories },
      ]),
    );
    const upstream = Object.entries(tableAt(NAMES, minor)).filter(([name]) => !isLeftOut(name));
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(upstream));
  });
});

/** Groups of servers that kube-apiserver's own list does not cover. */
const OF_OTHERS = /^(apiextensions|apiregistration)\.k8s\.io\//;

describe('resources on by default', () => {
  test.each(EMULATED_MINORS)('%s', (minor) => {
    const { resources } = emulations.get(minor)!;
    const config = emulatedResourceConfig(resources);
    const upstream = tableAt(DEFAULTS, minor);
    const isOn = (name: string) => upstream[name] === true || upstream[name.split(' ')[0]!] === true;
    const names = [...resources].flatMap(([version, { resources: listed }]) =>
      Object.keys(listed).map((resource) => `${version} ${resource}`),
    );
    const own = names.filter((name) => {
      const [version, resource] = name.split(' ') as [string, string];
      return config.resourceEnabled({ ...parseGroupVersion(version)!, resource });
    });
    expect(own.filter((name) => !OF_OTHERS.test(name))).toEqual(names.filter(isOn));
  });
});

describe('features of a server of the minor', () => {
  test.each([
    // Gate, minor, and its state in the source of that minor.
    ['EphemeralContainers', '1.22', { stage: 'Alpha' }],
    ['EphemeralContainers', '1.23', { stage: 'Beta', enabled: true }],
    ['EphemeralContainers', '1.27', undefined],
    ['CPUCFSQuotaPeriod', '1.20', undefined],
    ['CustomCPUCFSQuotaPeriod', '1.20', { stage: 'Alpha' }],
    ['WatchList', '1.33', { stage: 'Beta' }],
    ['ContextualLogging', '1.32', { stage: 'Beta', enabled: true }],
  ])('gate %s in %s', (name, minor, gate) => {
    expect(emulations.get(minor)!.gates.get(name)).toEqual(gate);
  });

  test.each([
    ['PodSecurity', '1.21', false],
    ['PodSecurity', '1.22', true],
    ['ValidatingAdmissionPolicy', '1.25', false],
    ['ValidatingAdmissionPolicy', '1.26', true],
    ['LimitRanger', '1.20', true],
    ['PodSecurityPolicy', '1.20', false],
  ])('plugin %s on by default in %s: %s', (name, minor, isOn) => {
    expect(emulations.get(minor)!.plugins.has(name)).toBe(isOn);
  });

  test("roles and bindings equal upstream's, object for object; those of the newest minor equal the served policy with default gates", () => {
    const newest = emulations.get(EMULATED_MINORS.at(-1)!)!.policy;
    const given = { featureGates: new Map() };
    const served = bootstrapPolicy((gate) => featureEnabled(given, gate));
    const emulated = bootstrapPolicy(() => true, newest);
    const sorted = (objects: readonly { metadata: { name?: string | undefined } }[]) =>
      [...objects].sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1));
    for (const list of Object.keys(served) as (keyof typeof served)[]) {
      expect(sorted(emulated[list])).toEqual(sorted(served[list]));
    }
  });
});
