import type { Service } from '../../apis/core/v1/types.ts';
import { Quantity } from '../../runtime/quantity.ts';
import { ONE } from './amounts.ts';
import type { QuotaEvaluator } from './evaluator.ts';
import { objectCountName } from './object-count-evaluator.ts';

const SERVICES = { group: '', resource: 'services' };
const COUNT = objectCountName(SERVICES);
const TRACKED = [COUNT, 'services', 'services.nodeports', 'services.loadbalancers'];

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/quota/v1/evaluator/core/services.go */
export const serviceEvaluator: QuotaEvaluator = {
  resource: SERVICES,
  // Updates matter because the type of a Service can change.
  handles: ({ operation, subresource }) =>
    subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  tracks: (name) => TRACKED.includes(name),
  usage(object) {
    const service = object as Service;
    return new Map([
      [COUNT, ONE],
      ['services', ONE],
      ['services.nodeports', Quantity.fromInteger(nodePorts(service))],
      ['services.loadbalancers', service.spec.type === 'LoadBalancer' ? ONE : Quantity.zero],
    ]);
  },
};

function nodePorts({ spec }: Service): number {
  const ports = spec.ports ?? [];
  if (spec.type === 'NodePort') return ports.length;
  if (spec.type !== 'LoadBalancer') return 0;
  if (spec.allocateLoadBalancerNodePorts !== false) return ports.length;
  return ports.filter(({ nodePort }) => (nodePort ?? 0) !== 0).length;
}
