import { describe, expect, test } from 'vitest';
import {
  applyRuntimeConfig,
  defaultResourceConfig,
  type ResourceConfig,
  validateRuntimeConfig,
} from '../../../shared/apis/resource-config.ts';
import { builtinResources } from '../../../shared/apis/resource-table.ts';
import { parseGroupVersion } from '../../../shared/runtime/group-version.ts';
import { mapFlag } from '../../../shared/server/options/flag-types.ts';

const all = [...builtinResources().keys()].map((apiVersion) => parseGroupVersion(apiVersion)!);
const registry = {
  groups: () => [...new Set(all.map(({ group }) => group))],
  versions: (group: string) => all.filter((gv) => gv.group === group).map(({ version }) => version),
};

function configured(flag: string): ResourceConfig {
  const config = defaultResourceConfig();
  applyRuntimeConfig(config, mapFlag(flag, undefined), registry);
  return config;
}

function enabled(config: ResourceConfig, resource: string): boolean {
  const cut = resource.lastIndexOf('/');
  const gv = parseGroupVersion(resource.slice(0, cut))!;
  return config.resourceEnabled({ ...gv, resource: resource.slice(cut + 1) });
}

test.each<[flag: string, on: string[], off: string[]]>([
  [
    '',
    ['v1/pods', 'apps/v1/deployments', 'networking.k8s.io/v1/servicecidrs'],
    [
      'extensions/v1beta1/ingresses',
      'policy/v1beta1/podsecuritypolicies',
      'scheduling.k8s.io/v1alpha2/workloads',
    ],
  ],
  [
    'api/beta=true',
    ['certificates.k8s.io/v1beta1/clustertrustbundles', 'v1/pods'],
    [
      'certificates.k8s.io/v1beta1/certificatesigningrequests',
      'batch/v1beta1/cronjobs',
      'admissionregistration.k8s.io/v1alpha1/mutatingadmissionpolicies',
    ],
  ],
  [
    'api/all=true',
    ['admissionregistration.k8s.io/v1alpha1/mutatingadmissionpolicies', 'v1/pods'],
    ['batch/v2alpha1/cronjobs', 'extensions/v1beta1/ingresses', 'apps/v1beta1/deployments'],
  ],
  [
    'api/all=true,extensions/v1beta1=true',
    ['extensions/v1beta1/ingresses', 'v1/pods'],
    ['batch/v2alpha1/cronjobs'],
  ],
  ['api/all=false,apps/v1=true', ['apps/v1/deployments'], ['v1/pods', 'batch/v1/jobs']],
  ['apps/v1=true,api/all=false', ['apps/v1/deployments'], ['v1/pods']],
  ['batch/v1beta1', ['batch/v1beta1/cronjobs'], ['policy/v1beta1/podsecuritypolicies']],
  ['apps/v1/daemonsets=false', ['apps/v1/deployments'], ['apps/v1/daemonsets']],
  [
    'policy/v1beta1/podsecuritypolicies=true',
    ['policy/v1beta1/podsecuritypolicies'],
    ['policy/v1beta1/poddisruptionbudgets'],
  ],
  ['apps/v1=false,apps/v1/daemonsets=1', ['apps/v1/daemonsets'], ['apps/v1/deployments']],
  ['example.com/v1=true', ['v1/pods'], ['example.com/v1/things']],
])('--runtime-config=%s', (flag, on, off) => {
  const config = configured(flag);
  expect(Object.fromEntries([...on, ...off].map((name) => [name, enabled(config, name)]))).toEqual(
    Object.fromEntries([...on.map((name) => [name, true]), ...off.map((name) => [name, false])]),
  );
});

test('a group is served while any of its resources is', () => {
  expect(configured('extensions/v1beta1/ingresses=true').anyResourceForGroupEnabled('extensions')).toBe(true);
  expect(configured('').anyResourceForGroupEnabled('extensions')).toBe(false);
  expect(configured('apps/v1=false').anyResourceForGroupEnabled('apps')).toBe(false);
});

describe('errors', () => {
  test.each([
    ['api/all=maybe', 'invalid value api/all=maybe'],
    ['apps/v7=true', 'group version apps/v7 that has not been registered'],
    [
      'apps/v1/Deployments=true',
      'invalid key apps/v1/Deployments: group/version/resource and resource is always lowercase plural, not "Deployments"',
    ],
    ['apps/v1=yes', 'invalid value of apps/v1: yes, err: strconv.ParseBool: parsing "yes": invalid syntax'],
  ])('applying %s', (flag, message) => {
    expect(() => configured(flag)).toThrow(new Error(message));
  });

  test.each([
    ['api/all=false', ['invalid runtime-config with only api/all=false']],
    ['api/all=false,apps/v1=true', []],
    ['v1=true', ['runtime-config invalid key v1']],
    ['b.io/v1=true,a.io/v1=true,apps/v1', ['unknown api groups a.io/v1,b.io/v1']],
  ])('validating %s', (flag, messages) => {
    expect(validateRuntimeConfig(mapFlag(flag, undefined), registry)).toEqual(messages);
  });
});
