import type { APIGroup } from '../install-group.ts';
import defaultsV1 from './v1/defaults.json?text';
import typesV1 from './v1/types.json?text';
import defaultsV1beta1 from './v1beta1/defaults.json?text';
import typesV1beta1 from './v1beta1/types.json?text';

export const apiregistration: APIGroup = {
  group: 'apiregistration.k8s.io',
  definitions: 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
  versions: {
    v1: { types: typesV1, defaults: defaultsV1 },
    v1beta1: { types: typesV1beta1, defaults: defaultsV1beta1 },
  },
};
