import { expect, test } from 'vitest';
import { builtinResources } from '../../../shared/apis/resource-table.ts';
import { deprecationWarning } from '../../../shared/endpoints/resource/deprecation.ts';
import { parseGroupVersion } from '../../../shared/runtime/group-version.ts';

test.each<[apiVersion: string, resource: string, warning: string | undefined]>([
  ['v1', 'pods', undefined],
  [
    'networking.k8s.io/v1beta1',
    'ingresses',
    'networking.k8s.io/v1beta1 Ingress is deprecated in v1.19+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress',
  ],
  [
    'policy/v1beta1',
    'podsecuritypolicies',
    'policy/v1beta1 PodSecurityPolicy is deprecated in v1.22+, unavailable in v1.25+',
  ],
])('%s %s', (apiVersion, resource, warning) => {
  const facts = builtinResources().get(apiVersion)!.resources[resource]!;
  expect(deprecationWarning(parseGroupVersion(apiVersion)!, facts)).toBe(warning);
});
