import { expect, test } from 'vitest';
import type { AdmissionPlugin } from '../../../shared/admission/admission.ts';
import { AdmissionMetrics } from '../../../shared/admission/admission-metrics.ts';
import { PODS } from '../../../shared/admission/attributes.ts';
import { admissionChain } from '../../../shared/admission/chain.ts';
import { MetricsRegistry } from '../../../shared/metrics/metrics-registry.ts';
import { testAttributes } from '../../fixtures/admission.ts';
import { testRequestContext } from '../../fixtures/request-context.ts';

test('a plugin is called for its resources only, and is counted nevertheless', async () => {
  const asked: string[] = [];
  const plugin = (name: string, judges?: AdmissionPlugin['judges']): AdmissionPlugin => ({
    name,
    handles: () => true,
    judges,
    async admit({ resource, subresource }) {
      asked.push(`${name}: ${resource.group}/${resource.resource}/${subresource}`);
    },
  });
  const registry = new MetricsRegistry();
  const plugins = [plugin('OfPods', [PODS]), plugin('OfAll')];
  const chain = admissionChain(plugins, undefined, new AdmissionMetrics(registry));
  const asks: [group: string, resource: string, subresource: string][] = [
    ['', 'pods', ''],
    ['', 'pods', 'exec'],
    ['', 'configmaps', ''],
    ['metrics.k8s.io', 'pods', ''],
  ];
  for (const [group, resource, subresource] of asks) {
    const attributes = testAttributes({
      operation: 'CREATE',
      resource: { group, version: 'v1', resource },
      subresource,
    });
    await chain.admit(attributes, testRequestContext());
  }
  expect(asked).toEqual([
    ...['OfPods: /pods/', 'OfAll: /pods/', 'OfPods: /pods/exec', 'OfAll: /pods/exec'],
    ...['OfAll: /configmaps/', 'OfAll: metrics.k8s.io/pods/'],
  ]);
  const counts = registry.text().match(/controller_admission_duration_seconds_count.*/g);
  expect(counts).toEqual(
    ['OfAll', 'OfPods'].map(
      (name) =>
        `controller_admission_duration_seconds_count{name="${name}",operation="CREATE",rejected="false",type="admit"} 4`,
    ),
  );
});
